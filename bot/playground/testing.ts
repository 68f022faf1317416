import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * This machine's chromium, if there is one.
 * @param searchPath PATH of the environment
 */
export function findChromium(searchPath = ''): string | undefined {
  return ['/usr/bin', ...searchPath.split(delimiter)]
    .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** What a test's name says behind it where there is no browser. */
export function unless(chromium: string | undefined): string {
  return chromium === undefined ? ' (skipped: there is no chromium on this machine)' : '';
}

/** Gives the tests of a `describe` one browser. */
export function withChromium(executablePath: string | undefined, use: (browser: Browser) => void): void {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ARGS });
    use(browser);
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
  });
}
