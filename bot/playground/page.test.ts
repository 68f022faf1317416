import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseTaxonomy } from '../../labels.ts';
import { type Playground, startPlayground } from './server.ts';
import { findChromium, unless, withChromium } from './testing.ts';
import { BOT, CHANNELS, PEOPLE } from './workspace.ts';

const executablePath = findChromium(process.env.PATH);
const taxonomyFile = new URL('../../data/taxonomy.json', import.meta.url);
const taxonomy = parseTaxonomy(JSON.parse(readFileSync(taxonomyFile, 'utf8')), 'data/taxonomy.json');

describe.skipIf(executablePath === undefined)(`the page${unless(executablePath)}`, () => {
  let browser: Browser;
  let slack: Playground;
  let page: Page;
  let complaints: string[];

  withChromium(executablePath, (launched) => {
    browser = launched;
  });
  beforeEach(async () => {
    slack = await startPlayground({ port: 0, taxonomy });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(slack.url) && !request.url().startsWith('data:')) complaints.push(`asked ${request.url()}`);
    });
    await page.goto(slack.url);
    await page.getByText('This is #support').waitFor();
    return async () => {
      await context.close();
      await slack.stop();
    };
  }, 30_000);

  const composer = () => page.getByLabel('Message to #support');
  const row = (ts: string) => page.locator(`.main li[data-ts="${ts}"]`);
  /** as the bot does it, through the Web API */
  async function bot(method: string, args: Record<string, unknown>): Promise<{ ts: string }> {
    const response = await fetch(slack.apiUrl + method, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.botToken}` },
      body: JSON.stringify(args),
    });
    const answer = (await response.json()) as { ok: boolean; ts: string };
    expect(answer).toMatchObject({ ok: true });
    return answer;
  }

  test('one writes with Enter, breaks lines with Shift+Enter, and it is there after a reload', async () => {
    await composer().pressSequentially('My *card*');
    await composer().press('Shift+Enter');
    await composer().pressSequentially('is <gone> :key:');
    await composer().press('Enter');
    await page.locator('.message .prose').waitFor();
    expect(slack.control.messages()).toMatchObject([{ text: 'My *card*\nis &lt;gone&gt; :key:', user: PEOPLE.customer }]);
    expect(await page.locator('.message strong').textContent()).toBe('card');
    await page.reload();
    await page.locator('.message .prose').waitFor();
    expect(await page.locator('.message .prose').textContent()).toBe('My card\nis <gone> 🔑');
    expect(await composer().inputValue()).toBe('');
    expect(complaints).toEqual([]);
  });

  test('a sample, and the reply opens its thread without taking the focus', async () => {
    await page.locator('.sample').first().click();
    const [posted] = await slack.control.until('the sample', () => slack.control.messages().length === 1 && slack.control.messages());
    await composer().focus();
    await bot('chat.postMessage', { channel: CHANNELS.support, thread_ts: posted?.ts, text: '*Billing*, high' });
    await page.getByRole('complementary', { name: 'Thread' }).getByText('Billing').waitFor();
    expect(await page.locator('.thread-count').textContent()).toBe('1 reply');
    expect(await page.locator('.thread .badge').textContent()).toBe('APP');
    expect(await page.evaluate('document.activeElement?.ariaLabel')).toBe('Message to #support');
    await page.getByLabel('Reply in thread').last().fill('Thank you');
    await page.getByLabel('Reply in thread').last().press('Enter');
    await page.locator('.thread').getByText('Thank you').waitFor();
    expect(slack.control.replies({ ts: posted?.ts ?? '' }).map((reply) => reply.text)).toEqual(['*Billing*, high', 'Thank you']);
    await page.keyboard.press('Escape');
    await page.locator('.thread').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('an edit by the bot shows without a reload', async () => {
    const { ts } = await bot('chat.postMessage', { channel: CHANNELS.support, text: 'first' });
    await row(ts).getByText('first').waitFor();
    await bot('chat.update', { channel: CHANNELS.support, ts, text: 'second' });
    await row(ts).getByText('second (edited)').waitFor();
    await bot('chat.delete', { channel: CHANNELS.support, ts });
    await row(ts).waitFor({ state: 'detached' });
  });

  test('the picker shows what emoji mean, obeys the keyboard, and pills toggle for whoever one is', async () => {
    const { ts } = slack.control.post({ text: 'Where is my parcel?' });
    await row(ts).hover();
    const add = row(ts).getByRole('toolbar').getByLabel('Add a reaction');
    await add.click();
    const picker = page.getByRole('dialog', { name: 'Emoji' });
    const meanings = await picker.locator('.meaning').allInnerTexts();
    expect(meanings.map((text) => text.replace(/^\S+\s+/, ''))).toEqual([
      ...taxonomy.categories.map((category) => category.name),
      ...taxonomy.priorities.map((priority) => `${priority.name} priority`),
      'Ticketwise is right',
      'Ticketwise is wrong',
    ]);
    await page.keyboard.press('Escape');
    await picker.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement?.ariaLabel')).toBe('Add a reaction');
    await add.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const name = taxonomy.categories[1]?.emoji ?? '';
    await slack.control.until('the reaction', () => slack.control.message({ ts })?.reactions?.[0]?.name === name);
    const pill = row(ts).locator('.reaction[aria-pressed]');
    expect(await pill.getAttribute('aria-pressed')).toBe('true');

    await page.locator('.persona', { hasText: 'Priya' }).click();
    await page.locator('.reaction[aria-pressed="false"]').waitFor();
    await pill.click();
    await slack.control.until('both', () => slack.control.message({ ts })?.reactions?.[0]?.count === 2);
    expect(slack.control.message({ ts })?.reactions?.[0]?.users).toEqual([PEOPLE.customer, PEOPLE.agent]);
    await page.locator('.reaction .count', { hasText: '2' }).waitFor();
    await pill.click();
    await slack.control.until('one', () => slack.control.message({ ts })?.reactions?.[0]?.count === 1);

    await row(ts).hover();
    await add.click();
    await page.getByLabel('Search emoji').fill('rocket');
    await page.keyboard.press('Enter');
    await slack.control.until('the rocket', () => slack.control.message({ ts })?.reactions?.some((one) => one.name === 'rocket'));
    expect(complaints).toEqual([]);
  });

  test('a command completes, and its answer is for one person alone, until dismissed', async () => {
    await composer().pressSequentially('/ti');
    expect(await page.getByRole('option').count()).toBe(3);
    await composer().pressSequentially('cket h');
    await composer().press('Tab');
    expect(await composer().inputValue()).toBe('/ticket help');
    await composer().press('Enter');
    // nobody is connected, which Slack says privately
    await page.locator('.message-private', { hasText: 'dispatch_failed' }).waitFor();
    expect(slack.control.messages()).toEqual([]);
    await bot('chat.postEphemeral', { channel: CHANNELS.support, user: PEOPLE.admin, text: 'for the admin' });
    expect(await page.getByText('for the admin').count()).toBe(0);
    await page.locator('.persona', { hasText: 'Alex' }).click();
    await page.getByText('for the admin').waitFor();
    expect(await page.getByText('dispatch_failed').count()).toBe(0);
    await page.getByText('Only visible to you').waitFor();
    await page.getByRole('button', { name: 'Dismiss message' }).click();
    await page.getByText('for the admin').waitFor({ state: 'detached' });
  });

  test('blocks are drawn, links that could run code are not', async () => {
    await bot('chat.postMessage', {
      channel: CHANNELS.support,
      text: 'fallback',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'Old :arrow_right: new' } },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', text: '*Macro-F1*\n0.976' },
            { type: 'plain_text', text: '*not bold*' },
          ],
        },
        { type: 'divider' },
        {
          type: 'context',
          elements: [{ type: 'mrkdwn', text: `<@${BOT.userId}> says <javascript:alert(1)|click> <https://example.com|here>` }],
        },
        { type: 'actions', elements: [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'Right' } }] },
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'rich', style: { bold: true } }] }],
        },
      ],
    });
    await page.locator('.block-header', { hasText: 'Old ➡️ new' }).waitFor();
    expect(await page.locator('.block-fields > div').allInnerTexts()).toEqual(['Macro-F1\n0.976', '*not bold*']);
    expect(await page.locator('.block-context a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
      'https://example.com',
    ]);
    expect(await page.locator('.block-context .mention').textContent()).toBe('@Ticketwise');
    expect(await page.getByRole('button', { name: 'Right', exact: true }).count()).toBe(1);
    expect(await page.locator('.main').getByText('fallback').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('one edits and deletes one’s own messages, not those of others', async () => {
    const theirs = slack.control.post({ user: PEOPLE.otherCustomer, text: 'not yours' });
    const { ts } = slack.control.post({ text: 'a &amp; b' });
    await row(theirs.ts).hover();
    expect(await row(theirs.ts).getByLabel('Edit').count()).toBe(0);
    await row(ts).hover();
    await row(ts).getByLabel('Edit').click();
    await page.getByLabel('Edit message').fill('a < b');
    await page.keyboard.press('Enter');
    await row(ts).getByText('a < b (edited)').waitFor();
    expect(slack.control.message({ ts })).toMatchObject({ text: 'a &lt; b', edited: { user: PEOPLE.customer } });
    await row(ts).hover();
    await row(ts).getByLabel('Delete').click();
    await row(ts).waitFor({ state: 'detached' });
    expect(slack.control.messages().map((message) => message.ts)).toEqual([theirs.ts]);
  });

  test('the home of the bot', async () => {
    await page.getByRole('button', { name: 'Ticketwise' }).click();
    await page.getByText('has not published a home for Maya').waitFor();
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*Open tickets*' } }];
    await bot('views.publish', { user_id: PEOPLE.customer, view: { type: 'home', blocks } });
    await page.locator('.home strong', { hasText: 'Open tickets' }).waitFor();
    await page.getByRole('button', { name: 'support' }).click();
    await composer().waitFor();
  });

  test('it reconnects by itself when the server comes back, and forgets nothing that is there', async () => {
    const port = Number(new URL(slack.url).port);
    await slack.stop();
    await page.getByText('The playground does not answer').waitFor();
    slack = await startPlayground({ port, taxonomy });
    slack.control.post({ text: 'I am back' });
    await page.locator('.message', { hasText: 'I am back' }).waitFor({ timeout: 20_000 });
    expect(await page.getByText('does not answer').count()).toBe(0);
  }, 40_000);

  test('light and dark, and a phone', async () => {
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.getByRole('button', { name: 'Dark mode' }).click();
    await page.waitForFunction(`getComputedStyle(document.body).backgroundColor !== '${light}'`);
    const dark = await ground();
    await page.reload();
    await page.getByText('This is #support').waitFor();
    expect(await ground()).toBe(dark);
    await page.setViewportSize({ width: 360, height: 700 });
    slack.control.post({ text: `https://example.com/${'long'.repeat(60)}` });
    await page.locator('.message').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'general' }).click();
    await page.getByText('Ticketwise is not a member here').waitFor();
  });
});
