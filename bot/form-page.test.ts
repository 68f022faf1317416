import type { Browser, Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { findChromium, unless, withChromium } from './playground/testing.ts';
import { PEOPLE } from './playground/workspace.ts';
import { eachInWorld, shown, type World } from './testing.ts';

const executablePath = findChromium(process.env.PATH);

describe.skipIf(executablePath === undefined)(`a reply's buttons on the page${unless(executablePath)}`, () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  eachInWorld((opened) => {
    world = opened;
  });
  withChromium(executablePath, (launched) => {
    browser = launched;
  });
  beforeEach(async () => {
    await world.start();
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(world.playground.url);
    await page.getByText('This is #support').waitFor();
    return async () => {
      await context.close();
      expect(complaints).toEqual([]);
    };
  }, 30_000);

  const thread = () => page.locator('.thread');
  const standing = () => world.db.selectFrom('currentFeedback').select(['userId', 'kind', 'value']).orderBy('kind').execute();
  /** Writes a message and waits for the reply in its thread. */
  async function ask(text: string): Promise<string> {
    await page.getByLabel('Message to #support').fill(text);
    await page.keyboard.press('Enter');
    await thread().locator('.block-actions').waitFor();
    return world.control.messages().find((message) => message.thread_ts === undefined || message.thread_ts === message.ts)?.ts ?? '';
  }

  test('open the form, which keeps what was chosen beside what is wrong with it, until it is saved', async () => {
    const ts = await ask('I was charged twice');
    await page.locator('.persona', { hasText: 'Priya' }).click();
    await thread().getByRole('button', { name: 'Correct…' }).click();
    const form = page.getByRole('dialog', { name: 'Correct this ticket' });
    await form.getByText('I was charged twice').waitFor();
    await form.getByLabel('Intent').selectOption('login');
    await form.getByLabel('Priority').selectOption('high');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('That is an intent of Account/Login').waitFor();
    expect(await form.getByLabel('Priority').inputValue()).toBe('high');
    await form.getByLabel('Category').selectOption('account');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    await thread().getByText('corrected by').first().waitFor();
    expect(await standing()).toEqual([
      { userId: PEOPLE.agent, kind: 'category', value: 'account' },
      { userId: PEOPLE.agent, kind: 'intent', value: 'login' },
      { userId: PEOPLE.agent, kind: 'priority', value: 'high' },
    ]);
    expect(shown(world.control.replies({ ts })[0])).toContain('*Account/Login*');
  });

  test('leave no trace where the form is closed with Escape, and it is there for its person alone', async () => {
    await ask('I was charged twice');
    await thread().getByRole('button', { name: 'Correct…' }).click();
    const form = page.getByRole('dialog');
    await form.waitFor();
    await page.reload();
    await form.waitFor();
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    expect(world.control.views()).toEqual([]);
    expect(await standing()).toEqual([]);
  });

  test('answer a question', async () => {
    await ask('somehow it does not work');
    await thread().getByRole('button', { name: 'General Inquiry' }).click();
    await thread().getByText('confirmed by').waitFor();
    expect(await standing()).toEqual([{ userId: PEOPLE.customer, kind: 'category', value: 'general' }]);
  });
});
