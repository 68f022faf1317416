import { expect, test } from 'vitest';
import { html, raw } from './html.ts';

test.each([
  [html`<p>${'<script>"&\''}</p>`, '<p>&#60;script&#62;&#34;&#38;&#39;</p>'],
  [html`<ul>${['a', 'b'].map((item) => html`<li>${item}`)}</ul>`, '<ul><li>a<li>b</ul>'],
  [html`${raw('<b>')}${undefined}${false}${0}${''}`, '<b>0'],
])('%#', (value, expected) => {
  expect(value.html).toBe(expected);
});
