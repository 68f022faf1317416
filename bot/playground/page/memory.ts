/** What this browser remembers; nothing where it may not. */
export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(`ticketwise.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`ticketwise.${key}`, value);
  } catch {
    // a private window forgets, which is what it is for
  }
}
