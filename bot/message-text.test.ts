import { expect, test } from 'vitest';
import { messageText } from './message-text.ts';

test.each([
  ['plain words', 'My card has not arrived', 'My card has not arrived'],
  ['a mention', '<@U123> can you help?', '@someone can you help?'],
  ['a mention with a name', '<@U123|ana> hi', '@ana hi'],
  ['a channel', 'see <#C123|billing>', 'see #billing'],
  ['a channel without a name', 'see <#C123>', 'see #channel'],
  ['everybody', '<!here> the app is down', '@here the app is down'],
  ['a user group', '<!subteam^S1|@oncall> please', '@oncall please'],
  ['a link', 'it fails at <https://shop.example/pay>', 'it fails at https://shop.example/pay'],
  ['a labelled link', '<https://shop.example|the shop> fails', 'the shop fails'],
  ['an address', 'write to <mailto:ana@example.com|ana@example.com>', 'write to ana@example.com'],
  ['a bare address', '<mailto:ana@example.com>', 'ana@example.com'],
  ['escapes', 'fees &lt; 3 &amp;amp; more &gt; 2', 'fees < 3 &amp; more > 2'],
  ['an escaped tag is no markup', '&lt;@U123&gt;', '<@U123>'],
  ['white space around', '  hello \n', 'hello'],
  ['what PostgreSQL cannot store', 'a\u0000b', 'ab'],
])('%s', (_, slack, text) => {
  expect(messageText(slack)).toBe(text);
});
