import { randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A Slack-shaped id: the prefix, then capitals and digits, 11 characters in all. */
export function newId(prefix: string): string {
  const bytes = randomBytes(11 - prefix.length);
  return prefix + Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** Hex that nobody guesses. */
export function newSecret(bytes = 16): string {
  return randomBytes(bytes).toString('hex');
}

/** Gives Slack timestamps, `seconds.microseconds`: each is later than all before, even within one microsecond. */
export function openClock(now: () => number = Date.now): () => string {
  let last = 0;
  return () => {
    last = Math.max(now() * 1000, last + 1);
    const micros = String(last % 1_000_000).padStart(6, '0');
    return `${Math.floor(last / 1_000_000)}.${micros}`;
  };
}
