/** Text that is HTML already. */
export type Html = { html: string };

/** HTML with values put in: text is escaped, HTML stays, lists are joined, `undefined` and `false` are nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): Html {
  return { html: strings.reduce((page, part, i) => page + render(values[i - 1]) + part) };
}

/** Marks a string as HTML. */
export function raw(markup: string): Html {
  return { html: markup };
}

function render(value: unknown): string {
  if (value === undefined || value === null || value === false) return '';
  if (Array.isArray(value)) return value.map(render).join('');
  if (typeof value === 'object' && 'html' in value) return String(value.html);
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
