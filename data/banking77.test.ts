import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBanking77 } from './banking77.ts';
import { readTaxonomy } from './taxonomy.ts';

const taxonomy = await readTaxonomy();
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-banking77-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function read(train: string | undefined, test = 'text,category\nHow old?,age_limit\n') {
  await rm(path.join(dir, 'train.csv'), { force: true });
  if (train !== undefined) await writeFile(path.join(dir, 'train.csv'), train);
  await writeFile(path.join(dir, 'test.csv'), test);
  return readBanking77(dir, taxonomy);
}

it('reads both parts, with category and priority of the intent', async () => {
  const csv = '\uFEFFtext,category\r\n" I, too,\r\nsay ""where?""\r\n",card_arrival\r\n\r\nHow old?,age_limit\r\n';
  const { train, test } = await read(csv);
  const rowOf = (id: string, text: string) => {
    const { category, priority } = taxonomy.intents.find((intent) => intent.id === id) ?? {};
    return { text, intent: id, category, priority, source: 'banking77' };
  };
  expect(train).toEqual({
    name: 'banking77/train',
    rows: [rowOf('card_arrival', 'I, too,\r\nsay "where?"'), rowOf('age_limit', 'How old?')],
    sha256: createHash('sha256').update(csv).digest('hex'),
  });
  expect(test).toMatchObject({ name: 'banking77/test', rows: [rowOf('age_limit', 'How old?')] });
  expect(train.rows[0]?.category).toBe('order');
});

it.each<[string, string | undefined, string]>([
  ['a file that is not there', undefined, 'train.csv cannot be read (ENOENT'],
  ['an unknown intent, by its line', 'text,category\n"two\nlines",age_limit\nhow,agelimit\n', 'train.csv, line 4: "agelimit" is no intent'],
  ['an empty text, by its line', 'text,category\nhow,age_limit\n" ",age_limit\n', 'train.csv, line 3: the text is empty'],
  ['another column', 'text,label\nhow,age_limit\n', 'train.csv has no column "category"; its columns are text, label'],
  ['a header alone', 'text,category\n', 'train.csv has a header and no rows'],
  ['a field too many', 'text,category\nhow, old,age_limit\n', 'train.csv is no CSV'],
  ['an open quote', 'text,category\n"how,age_limit\n', 'train.csv is no CSV'],
])('refuses %s', async (_, train, what) => {
  await expect(read(train)).rejects.toMatchObject({ code: 'bad_data', message: expect.stringContaining(what) });
});
