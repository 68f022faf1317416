/** The answer `ok: false` with Slack's word for why, and what Slack says beside it. */
export class Refusal extends Error {
  readonly word: string;
  readonly extra: Record<string, unknown>;

  constructor(word: string, extra: Record<string, unknown> = {}) {
    super(word);
    this.name = 'Refusal';
    this.word = word;
    this.extra = extra;
  }
}

/** As Slack details a bad argument: `[ERROR] what [json-pointer:/where]`. */
export function badArguments(word: string, faults: { what: string; where: string }[]): Refusal {
  const messages = faults.map(({ what, where }) => `[ERROR] ${what} [json-pointer:${where}]`);
  return new Refusal(word, { response_metadata: { messages } });
}
