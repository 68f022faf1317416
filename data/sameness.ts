/** What two messages have in common that differ in case, blanks and punctuation alone. */
export function sameness(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return words === null ? text : words.join(' ');
}
