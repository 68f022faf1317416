import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importCommand } from './import-command.ts';
import { readImported } from './imported.ts';
import { readTaxonomy } from './taxonomy.ts';

const taxonomy = await readTaxonomy();
let dir: string;
let processed: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-import-'));
  processed = path.join(dir, 'processed');
});
afterEach(() => rm(dir, { recursive: true }));

/** Imports an export with the columns text, category, priority, intent; returns what was printed. */
async function importCsv(rows: string[], ...options: string[]): Promise<string> {
  const file = path.join(dir, 'Help desk.csv');
  await writeFile(file, ['text,category,priority,intent', ...rows].join('\n'));
  let printed = '';
  const columns = ['--text', 'text', '--category', 'category', '--priority', 'priority', '--intent', 'intent'];
  await importCommand(
    [file, ...columns, ...options],
    (text) => {
      printed += `${text}\n`;
    },
    processed,
  );
  return printed;
}

test('training reads what was imported', async () => {
  await importCsv(['it broke,Technical,HIGH,app_crash', 'where is it,order/delivery,,', 'thanks,chatter,low,']);
  const [set, ...more] = await readImported(taxonomy, processed);
  expect(more).toEqual([]);
  expect(set?.name).toBe('import/Help-desk');
  const source = { source: 'import', industry: 'Help-desk' };
  expect(set?.rows).toEqual([
    { text: 'it broke', category: 'technical', priority: 'high', intent: 'app_crash', ...source },
    { text: 'where is it', category: 'order', ...source },
    { text: 'thanks', chatter: true, ...source },
  ]);
});

test('texts are redacted as the bot redacts them', async () => {
  expect(await importCsv(['"4111 1111 1111 1111 was declined, ana@example.com",billing,,'])).toContain('redacted in 1');
  expect((await readImported(taxonomy, processed))[0]?.rows[0]?.text).toBe('[card] was declined, [email]');
});

test('of rows with the same text the first is taken', async () => {
  const report = await importCsv(['It broke!,technical,,', 'it  broke,technical,,', 'IT BROKE,billing,,', '🙂,chatter,,', '🙃,chatter,,']);
  expect((await readImported(taxonomy, processed))[0]?.rows.map(({ text }) => text)).toEqual(['It broke!', '🙂', '🙃']);
  expect(report).toMatch(/dropped {3}2 /);
  expect(report).toMatch(/1 of them with other labels.*\n.*lines 4 \(as 2\)/);
});

test.each([
  ['no text', ',billing,,', 'no text'],
  ['no category', 'hi,,,', 'no category'],
  ['an unknown category', 'hi,Bug,,', 'the category "Bug" is not in the taxonomy (--map "Bug"=ID'],
  ['an unknown priority', 'hi,billing,P1,', 'the priority "P1" is not in the taxonomy'],
  ['an unknown intent', 'hi,billing,,refunds', 'the intent "refunds" is not in the taxonomy'],
  ["another category's intent", 'hi,billing,,track_order', 'the intent "track_order" belongs to order, but the category is billing'],
  ['a long text', `${'x'.repeat(10_001)},billing,,`, 'more than 10,000 characters'],
  ['a field too many', 'hi,billing,,,', '5 fields, where the header has 4'],
])('refuses a row with %s and says its line', async (_, row, reason) => {
  const report = await importCsv(['fine,billing,,', row]);
  expect(report).toMatch(/taken {5}1\n/);
  expect(report).toContain(reason);
  expect(report).toMatch(/refused {3}1\n.*\n +lines 3\n/);
});

test("maps a help desk's own words", async () => {
  const report = await importCsv(['hi,Bug,P1,'], '--map', 'bug=Technical', '--map', 'P1=high', '--map', 'P2=medium');
  expect((await readImported(taxonomy, processed))[0]?.rows[0]).toMatchObject({ category: 'technical', priority: 'high' });
  expect(report).toContain('--map "P2=medium" matched no row');
});

test('shows the first 20 lines of a reason', async () => {
  const report = await importCsv(['fine,billing,,', ...Array.from({ length: 25 }, (_, i) => `hi ${i},Bug,,`)]);
  expect(report).toContain('lines 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22 and 5 more\n');
});

test('an import replaces the one before it', async () => {
  await importCsv(['one,billing,,', 'two,billing,,']);
  expect(await importCsv(['three,billing,,'])).toContain('Replaced');
  expect((await readImported(taxonomy, processed))[0]?.rows.map(({ text }) => text)).toEqual(['three']);
});

test('an import that takes nothing leaves the one before it, and no other file', async () => {
  await importCsv(['one,billing,,']);
  await expect(importCsv(['one,Bug,,'])).rejects.toMatchObject({
    code: 'bad_data',
    message: expect.stringContaining('nothing was written'),
  });
  await expect(importCsv(['"one,billing,,'])).rejects.toMatchObject({ code: 'bad_data' });
  expect(await readdir(processed)).toEqual(['imported-Help-desk.jsonl']);
  expect((await readImported(taxonomy, processed))[0]?.rows).toHaveLength(1);
});

test('a file that cannot be written leaves nothing behind', async () => {
  await mkdir(path.join(dir, 'taken.jsonl'));
  await expect(importCsv(['one,billing,,'], '--out', path.join(dir, 'taken.jsonl'))).rejects.toThrow(/cannot be written/);
  expect((await readdir(dir)).sort()).toEqual(['Help desk.csv', 'taken.jsonl']);
});

test('says when training will not read the file', async () => {
  const out = path.join(dir, 'elsewhere', 'mine.jsonl');
  expect(await importCsv(['one,billing,,'], '--out', out)).toContain('training does not read it there');
  expect(JSON.parse(await readFile(out, 'utf8'))).toEqual({ text: 'one', category: 'billing', industry: 'Help-desk' });
  expect(await readImported(taxonomy, processed)).toEqual([]);
});

test('does not write over the file that it reads', async () => {
  const file = path.join(dir, 'a.jsonl');
  await writeFile(file, '{"t":"one","c":"billing"}\n');
  const args = [file, '--text', 't', '--category', 'c', '--out', file];
  await expect(importCommand(args, () => {}, processed)).rejects.toThrow(/is the file that is read/);
  expect(await readFile(file, 'utf8')).toBe('{"t":"one","c":"billing"}\n');
});

test.each([
  ['no file', ['--text', 'a', '--category', 'b'], /Expected one file/],
  ['no columns', ['a.csv'], /Expected one file and the columns/],
  ['an unknown option', ['a.csv', '--label', 'b'], /--label/],
  ['an output of another format', ['a.csv', '--text', 'a', '--category', 'b', '--out', 'a.csv'], /does not end in \.jsonl/],
])('refuses %s', async (_, args, message) => {
  await expect(importCommand(args, () => {}, processed)).rejects.toMatchObject({
    code: 'bad_usage',
    message: expect.stringMatching(message),
  });
});

test('an imported label that has gone from the taxonomy is an error with its place', async () => {
  await importCsv(['one,billing,,']);
  const without = { ...taxonomy, categories: taxonomy.categories.filter(({ id }) => id !== 'billing') };
  await expect(readImported(without, processed)).rejects.toThrow(/imported-Help-desk\.jsonl, line 1: "billing" is no category/);
});
