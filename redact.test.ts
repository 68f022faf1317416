import { expect, test } from 'vitest';
import { isCardNumber, isIban, redact } from './redact.ts';

test.each([
  ['a card', 'my card 4111111111111111 was declined', 'my card [card] was declined'],
  ['a card in groups', 'card 4111 1111 1111 1111, please', 'card [card], please'],
  ['a card with hyphens', '5500-0000-0000-0004', '[card]'],
  ['an American Express card', '3782 822463 10005 expired', '[card] expired'],
  ['two cards', '4111 1111 1111 1111 5500 0000 0000 0004', '[card] [card]'],
  ['a card behind an order number', 'order 12 4111 1111 1111 1111', 'order 12 [card]'],
  ['digits that are no card', 'tracking 1234567890123456', 'tracking 1234567890123456'],
  ['zeros', '0000000000000000', '0000000000000000'],
  ['a phone number', 'call +49 30 1234567', 'call +49 30 1234567'],
  ['a timestamp', 'at 2026-03-01 12:00:01', 'at 2026-03-01 12:00:01'],
  ['an IBAN', 'GB82WEST12345698765432', '[iban]'],
  ['an IBAN in groups among words', 'to DE89 3704 0044 0532 0130 00 please send it', 'to [iban] please send it'],
  ['a lower-case IBAN', 'gb82 west 1234 5698 7654 32.', '[iban].'],
  ['an IBAN with a wrong digit', 'GB83WEST12345698765432', 'GB83WEST12345698765432'],
  ['an address', 'I am ana.b+shop@mail.example.co.uk, help', 'I am [email], help'],
  ['an address in another script', 'пишите на анна@пример.рф', 'пишите на [email]'],
  ['no address', 'meet me @ the shop', 'meet me @ the shop'],
  ['a version', 'npm warns of left-pad@1.3.0', 'npm warns of left-pad@1.3.0'],
  ['an address and a full stop', 'ask ana@shop.xn--p1ai. Thanks', 'ask [email]. Thanks'],
  ['a Slack token', `it says ${'xoxb'}-1234567890-abcdefghij`, 'it says [secret]'],
  ['an app token', `${'xapp'}-1-A0-123-abcdef`, '[secret]'],
  ['a named password', 'password: hunter2 does not work', 'password: [secret] does not work'],
  ['a PIN', 'my PIN=1234', 'my PIN=[secret]'],
  ['a word on passwords', 'my password is wrong', 'my password is wrong'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- there', '[secret] there'],
  ['a token of JSON', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def', '[secret]'],
  ['nothing', 'My card has not arrived', 'My card has not arrived'],
])('%s', (_, text, redacted) => {
  expect(redact(text)).toBe(redacted);
  expect(redact(redacted)).toBe(redacted);
});

test.each(['4111111111111111', '378282246310005', '6011000990139424', '30569309025904', '4222222222222'])('%s is a card', (digits) => {
  expect(isCardNumber(digits)).toBe(true);
  expect(isCardNumber(digits.slice(0, -1) + ((Number(digits.at(-1)) + 1) % 10))).toBe(false);
});

test.each(['NL91ABNA0417164300', 'FR1420041010050500013M02606', 'NO9386011117947', 'MT84MALT011000012345MTLCAST001S'])(
  '%s is an IBAN',
  (iban) => {
    expect(isIban(iban)).toBe(true);
    expect(isIban(`${iban.slice(0, -2)}${iban.at(-1)}${iban.at(-2)}x`)).toBe(false);
  },
);

test.each(['1', 'a', '1 ', 'a.', 'GB82 ', '@a', 'a@a.1', '-', 'eyJ', '-----BEGIN A-----', '4111 '])(
  '40,000 characters of "%s" are read',
  (piece) => {
    const long = piece.repeat(Math.ceil(40_000 / piece.length));
    expect(redact(long).length).toBeGreaterThan(0);
  },
);
