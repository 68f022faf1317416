import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseTaxonomy } from '../labels.ts';
import { parseLabelled, parseLine, readSeed } from './seed.ts';

const group = (id: string) => ({ id, name: id, description: '', emoji: id });
const taxonomy = parseTaxonomy(
  {
    categories: [group('billing'), group('order')],
    priorities: [group('low'), group('high')],
    intents: [{ id: 'refund', category: 'billing', priority: 'low' }],
  },
  'the test',
);
const line = (row: object) => JSON.stringify({ text: 'Hello', industry: 'shop', ...row });

describe('parseLine', () => {
  it.each([
    [{ category: 'billing' }],
    [{ category: 'billing', priority: 'high' }],
    [{ category: 'billing', priority: 'high', intent: 'refund', hard: true }],
    [{ chatter: true }],
  ])('takes %j', (row) => {
    expect(parseLine(line(row), 'here', taxonomy)).toEqual({ text: 'Hello', industry: 'shop', ...row });
  });

  it.each([
    ['what is no JSON', '{"text"', 'here: no JSON'],
    ['an unknown key', line({ category: 'billing', label: 'x' }), 'label'],
    ['an empty text', line({ text: '', category: 'billing' }), 'text'],
    ['no industry', '{"text":"Hello","category":"billing"}', 'industry'],
    ['no label', line({}), 'a row has a category, or is chatter'],
    ['an unknown category', line({ category: 'sales' }), '"sales" is no category'],
    ['an unknown priority', line({ category: 'order', priority: 'p1' }), '"p1" is no priority'],
    ['an unknown intent', line({ category: 'order', intent: 'lost' }), '"lost" is no intent'],
    ['an intent of another category', line({ category: 'order', intent: 'refund' }), 'belongs to billing, the row says order'],
    ['chatter with a category', line({ chatter: true, category: 'order' }), 'chatter has neither'],
    ['chatter with a priority', line({ chatter: true, priority: 'low' }), 'chatter has neither'],
    ['chatter with an empty category', line({ chatter: true, category: '' }), 'chatter has neither'],
    ['chatter that is false', line({ category: 'order', chatter: false }), 'chatter'],
  ])('refuses %s', (_, json, what) => {
    const error = expect.objectContaining({ code: 'bad_data', message: expect.stringContaining(what) });
    expect(() => parseLine(json, 'here', taxonomy)).toThrow(error);
  });
});

describe('parseLabelled', () => {
  it('passes over blank lines, and leaves out what is not the model’s to know', () => {
    const text = `\n${line({ category: 'order', hard: true })}\r\n \n${line({ chatter: true })}`;
    expect(parseLabelled(text, 'here', taxonomy, 'import')).toEqual([
      { text: 'Hello', industry: 'shop', category: 'order', source: 'import' },
      { text: 'Hello', industry: 'shop', chatter: true, source: 'import' },
    ]);
  });

  it('names the line, blank ones counted', () => {
    expect(() => parseLabelled(`${line({ chatter: true })}\n\n{}`, 'here', taxonomy, 'seed')).toThrow('here, line 3: ');
  });
});

describe('readSeed', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-seed-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('reads every file of a part in order of name', async () => {
    const files = { 'train-b.jsonl': line({ text: 'b', chatter: true }), 'train-a.jsonl': line({ text: 'a', chatter: true }) };
    for (const [name, content] of Object.entries({ ...files, 'test-a.jsonl': '{', 'train-c.txt': '{', 'README.md': '#' }))
      await writeFile(path.join(dir, name), content);
    const { name, rows, sha256 } = await readSeed('train', taxonomy, dir);
    expect([name, rows.map(({ text }) => text)]).toEqual(['seed/train', ['a', 'b']]);
    const hash = createHash('sha256').update(files['train-a.jsonl']).update(files['train-b.jsonl']);
    expect(sha256).toBe(hash.digest('hex'));
  });

  it('keeps the rows of the calibration part out of training', async () => {
    await writeFile(path.join(dir, 'calibration-a.jsonl'), line({ chatter: true }));
    const { name, rows } = await readSeed('calibration', taxonomy, dir);
    expect([name, rows]).toEqual(['seed/calibration', [{ text: 'Hello', industry: 'shop', chatter: true, source: 'seed', heldOut: true }]]);
  });

  it('names file and line of what is wrong', async () => {
    await writeFile(path.join(dir, 'test-a.jsonl'), `${line({ chatter: true })}\n${line({ category: 'sales' })}\n`);
    const message = `${path.join(dir, 'test-a.jsonl')}, line 2: "sales" is no category of the taxonomy`;
    await expect(readSeed('test', taxonomy, dir)).rejects.toMatchObject({ code: 'bad_data', message });
  });

  it.each(['.', 'missing'])('refuses a folder without rows: %s', async (name) => {
    await expect(readSeed('train', taxonomy, path.join(dir, name))).rejects.toMatchObject({ code: 'bad_data' });
  });
});
