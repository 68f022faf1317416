import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BenchRecord, fillPlace, writeDocument, writeRecord } from './record.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-bench-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const record: BenchRecord = {
  part: 'serve',
  command: 'npm run bench -- serve',
  measuredAt: '2026-01-02T03:04:05.000Z',
  commit: 'abc',
  machine: 'a machine',
  load: 0,
  figures: { p50: 1.5 },
};

test('a record is named by its day and part, and comes back', async () => {
  const file = await writeRecord(record, dir);
  expect(path.relative(dir, file)).toBe(path.join('bench', '2026-01-02-serve.json'));
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(record);
});

test('a document keeps its words, and writing twice changes nothing more', async () => {
  const file = path.join(dir, 'document.md');
  await writeFile(file, 'Before.\n<!-- bench serve -->\nold\n<!-- /bench serve -->\nAfter.\n');
  const tables = [{ title: 'Serving', columns: ['what', 'ms'], rows: [['one', '1.5']] }];
  await writeDocument(record, tables, file);
  const once = await readFile(file, 'utf8');
  expect(once).toMatch(/^Before\.\n<!-- bench serve -->\n\n`npm run bench -- serve`, 2026-01-02, commit abc, a machine\.\n\n\*\*Serving/);
  expect(once).toMatch(/\| one \| 1\.5 \|\n\n<!-- \/bench serve -->\nAfter\.\n$/);
  expect(once).not.toContain('old');
  await writeDocument(record, tables, file);
  expect(await readFile(file, 'utf8')).toBe(once);
});

test('a document without the place is refused', () => {
  expect(() => fillPlace('Words.', 'train', 'x', 'docs/benchmarks.md')).toThrow('<!-- bench train -->');
});
