import { expect, test } from 'vitest';
import { type Mark, parseMrkdwn, parsePlain, wordsOf } from './mrkdwn.ts';

const text = (words: string): Mark => ({ kind: 'text', text: words });

const cases: [written: string, marks: Mark[]][] = [
  ['plain &amp; &lt;b&gt;', [text('plain & <b>')]],
  ['a *b* c', [text('a '), { kind: 'bold', children: [text('b')] }, text(' c')]],
  ['2*3*4 and snake_case_name', [text('2*3*4 and snake_case_name')]],
  ['*_both_*', [{ kind: 'bold', children: [{ kind: 'italic', children: [text('both')] }] }]],
  ['~gone~', [{ kind: 'strike', children: [text('gone')] }]],
  ['`*code*`', [{ kind: 'code', text: '*code*' }]],
  ['```\na &lt; b\n*c*\n```after', [{ kind: 'pre', text: 'a < b\n*c*' }, text('after')]],
  ['&gt; said\n&gt; *so*', [{ kind: 'quote', children: [text('said\n'), { kind: 'bold', children: [text('so')] }] }]],
  ['5 &gt; 3', [text('5 > 3')]],
  ['<https://a.example/?x=1&amp;y|here>', [{ kind: 'link', url: 'https://a.example/?x=1&y', label: 'here' }]],
  ['<https://a.example>', [{ kind: 'link', url: 'https://a.example', label: 'https://a.example' }]],
  ['<javascript:alert(1)|here>', [text('here')]],
  [':white_check_mark: at 10:30', [{ kind: 'emoji', name: 'white_check_mark' }, text(' at 10:30')]],
  [
    '<@U1> <#C1|general> <!here>',
    [{ kind: 'user', id: 'U1' }, text(' '), { kind: 'channel', id: 'C1' }, text(' '), { kind: 'broadcast', id: 'here' }],
  ],
];

test.each(cases)('%j', (written, marks) => {
  expect(parseMrkdwn(written)).toEqual(marks);
});

test('plain text knows emoji only', () => {
  expect(parsePlain('*a* :x:')).toEqual([text('*a* '), { kind: 'emoji', name: 'x' }]);
});

test('the words alone', () => {
  expect(wordsOf('*Billing* :large_green_circle: by <@U1>, `x` <https://a.example|here>', () => 'Priya')).toBe(
    'Billing large green circle by Priya, x here',
  );
});
