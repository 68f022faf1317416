const SECRETS = [
  /-----BEGIN [A-Z ]{1,40}-----[\s\S]*?(?:-----END [A-Z ]{1,40}-----|$)/g,
  /\bxox[a-z]-[\w-]{8,}/gi,
  /\bxapp-[\w-]{8,}/gi,
  /\b(?:sk|pk|rk)[-_][\w-]{16,}/g,
  /\bgh[pousr]_\w{20,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bglpat-[\w-]{16,}/g,
  /\bA(?:KIA|SIA)[0-9A-Z]{16}\b/g,
  /\bAIza[\w-]{30,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g,
];
/** `password: hunter2`, but not `my password is wrong` */
const NAMED_SECRET = /\b(password|passcode|passwort|pin|cvv|cvc|api[ _-]?key|secret|token)( ?[:=] ?)(?!\[secret\])\S+/gi;
const EMAIL = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}[\p{L}\p{N}-]+/gu;
/** Where an IBAN may begin: country and check digits, then groups of letters and digits. */
const IBAN = /(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}/gi;
/** Thirteen digits or more, in one piece or in groups. */
const DIGITS = /(?<![\p{L}\d])\d(?:[ -]?\d){12,}(?![\p{L}\d])/gu;

/**
 * Replaces what must not be kept: card numbers that pass Luhn by `[card]`, IBANs that pass mod-97 by `[iban]`,
 * addresses by `[email]`, keys, tokens and named passwords by `[secret]`. Linear in the text's length.
 */
export function redact(text: string): string {
  const noSecrets = SECRETS.reduce((rest, secret) => rest.replace(secret, '[secret]'), text).replace(NAMED_SECRET, '$1$2[secret]');
  return noSecrets.replace(EMAIL, '[email]').replace(IBAN, redactIban).replace(DIGITS, redactCards);
}

/** True for 13 to 19 digits whose Luhn sum fits (ISO/IEC 7812-1). */
export function isCardNumber(digits: string): boolean {
  if (!/^\d{13,19}$/.test(digits) || /^(\d)\1+$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** True for 15 to 34 characters whose remainder by 97 is 1 (ISO 13616). */
export function isIban(iban: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/i.test(iban)) return false;
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** The words behind an IBAN look like more of its groups: the longest beginning that checks is the IBAN. */
function redactIban(match: string): string {
  for (let end = match.length; end >= 15; end -= 1) {
    if (/[A-Z0-9]/i.test(match[end] ?? '') || !/[A-Z0-9]/i.test(match[end - 1] ?? '')) continue;
    if (isIban(match.slice(0, end).replace(/[ -]/g, ''))) return `[iban]${match.slice(end)}`;
  }
  return match;
}

/** A card number may stand among other groups of digits: from each group on, the longest that checks is the card. */
function redactCards(match: string): string {
  const parts = match.split(/([ -])/);
  let redacted = '';
  for (let start = 0; start < parts.length; ) {
    const end = cardEnd(parts, start);
    redacted += end === undefined ? (parts[start] ?? '') : '[card]';
    redacted += parts[(end ?? start) + 1] ?? '';
    start = (end ?? start) + 2;
  }
  return redacted;
}

function cardEnd(parts: readonly string[], start: number): number | undefined {
  let digits = '';
  let found: number | undefined;
  for (let end = start; end < parts.length && digits.length < 19; end += 2) {
    digits += parts[end] ?? '';
    if (isCardNumber(digits)) found = end;
  }
  return found;
}
