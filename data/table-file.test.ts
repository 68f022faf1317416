import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTable } from './table-file.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-table-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function read(name: string, content: string | Uint8Array) {
  const file = path.join(dir, name);
  await writeFile(file, content);
  return readTable(file, { text: 'body', category: 'type' });
}

const bug = (line: number, text = 'it broke') => ({ line, values: { text, category: 'Bug' } });

test.each([
  ['commas', 'a.csv', 'id,body,type\n1,it broke,Bug\n', [bug(2)]],
  ['a byte order mark and CRLF', 'a.csv', '\uFEFFbody,type\r\nit broke,Bug\r\n', [bug(2)]],
  ['semicolons, and commas inside', 'a.csv', 'body;type\nit, er, broke;Bug\n', [bug(2, 'it, er, broke')]],
  ['tabs', 'a.tsv', 'body\ttype\nit broke\tBug\n', [bug(2)]],
  ['names in another case', 'a.csv', 'Body , TYPE\nit broke,Bug\n', [bug(2)]],
  ['a name of two cases, exactly', 'a.csv', 'Body,body,type\nno,it broke,Bug\n', [bug(2)]],
  ['lines and quotes in a field', 'a.csv', 'body,type\r\n"it\r\n""broke""",Bug\r\n\r\nit broke,Bug\r\n', [bug(2, 'it\n"broke"'), bug(5)]],
  ['quotes in a field without quotes', 'a.csv', 'body,type\nit "broke",Bug\n', [bug(2, 'it "broke"')]],
  ['a quoted field that begins with a quote and has lines', 'a.csv', 'body,type\n"""it""\nbroke",Bug\n', [bug(2, '"it"\nbroke')]],
  ['JSON lines', 'a.jsonl', '{"body":"it broke","type":"Bug","more":[1]}\n\n{"type":"Bug"}\n', [bug(1), bug(3, '')]],
  ['numbers and null', 'a.ndjson', '\uFEFF{"body":404,"type":null}\r\n', [{ line: 1, values: { text: '404', category: '' } }]],
])('reads %s', async (_, name, content, rows) => {
  expect(await read(name, content)).toEqual({ rows, refused: [] });
});

test.each([
  ['a field too many', 'a.csv', 'body,type\nit, broke,Bug\nit broke,Bug\n', 2, '3 fields, where the header has 2', [bug(3)]],
  ['a field too few', 'a.csv', 'id,body,type\nit broke,Bug\n1,it broke,Bug\n', 2, '2 fields, where the header has 3', [bug(3)]],
  [
    'an open quote that joins two rows',
    'a.csv',
    'body,type\n"it,Bug\n"broke",Bug\nit broke,Bug\n',
    2,
    'a quote that opens here is not closed at the end of its field',
    [bug(4)],
  ],
  ['no JSON', 'a.jsonl', '{"body":"it broke","type":"Bug"}\n{"body":\n', 2, 'no JSON', [bug(1)]],
  ['no object', 'a.jsonl', '{"body":"it broke","type":"Bug"}\n["Bug"]\n', 2, 'no JSON object', [bug(1)]],
  ['an object for a text', 'a.jsonl', '{"body":{"a":1},"type":"Bug"}\n', 1, '"body" is neither text nor a number', []],
])('refuses a row with %s', async (_, name, content, line, reason, rows) => {
  expect(await read(name, content)).toEqual({ rows, refused: [{ line, reason }] });
});

test.each([
  ['a missing column', 'a.csv', 'text;type\n1;2\n', /no column "body"\. It has: "text", "type"/],
  ['two missing columns', 'a.jsonl', '{"text":1}\n', /no column "body" and no column "type"\. It has: "text"/],
  ['an open quote to the end', 'a.csv', 'body,type\n"it broke,Bug\nit broke,Bug\n', /never closed/],
  ['nothing', 'a.csv', ' \n', /is empty/],
  ['no line that is an object', 'a.jsonl', '[]\n', /no line that is a JSON object/],
  ['Latin-1', 'a.csv', Buffer.from('body,type\ncafé,Bug\n', 'latin1'), /not text in UTF-8/],
  ['UTF-16', 'a.csv', Buffer.from('body,type\nit,Bug\n', 'utf16le'), /not text in UTF-8/],
  ['another format', 'a.xlsx', 'PK', /does not end in one of \.csv/],
])('cannot use a file with %s', async (_, name, content, message) => {
  await expect(read(name, content)).rejects.toMatchObject({ code: 'bad_data', message: expect.stringMatching(message) });
});

test('names a file that is not there', async () => {
  await expect(readTable(path.join(dir, 'none.csv'), { text: 'a' })).rejects.toThrow(/none\.csv cannot be read/);
});
