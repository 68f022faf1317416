import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readBanking77 } from './banking77.ts';
import { fetchBanking77 } from './banking77-hub.ts';
import { readTaxonomy } from './taxonomy.ts';

/** Parquet files of one to four rows, with columns text and label (or body and label), as the Hub converts them. */
const PARQUET = {
  train:
    'UEFSMRUGFbwBFbwBXBUIFQAVCBUAFQQVAAAAAw9cWBIAAABJIGFtIHN0aWxsIHdhaXRpbmcdARZscyBpdCAiZnJlZSIsIG9yIG5vdD8KVGVsbCBtZQE3gFdoZXJlIGlzIG15IHJlZnVuZAsAAABBIHJlYWwgb25lPxUGFUQVNFwVCBUAFQgVABUEFQAAAAMPIAQLADYBADwzAAAAAAAAAEwAAAAAAAAAFQQZPEgEcm9vdBUEABUMJQIYBHRleHQlAAAVBCUCGAVsYWJlbAAWCBkcGSwmCBwVDBkVABkYBHRleHQVAhYIFuoBFuoBJggAACbyARwVBBkVABkYBWxhYmVsFQIWCBZuFl4m8gEAABbYAhYINsgCACgJaHlwYXJxdWV0GSwcAAAcAAAAhAAAAFBBUjE=',
  test: 'UEFSMRUGFTwVQFwVAhUAFQIVABUEFQAAAAMBHGwYAAAASG93IGRvIEkgbG9jYXRlIG15IGNhcmQ/FQYVFBUYXBUCFQAVAhUAFQQVAAAAAwEIHAsAAAAAAAAAFQQZPEgEcm9vdBUEABUMJQIYBHRleHQlAAAVBCUCGAVsYWJlbAAWAhkcGSwmCBwVDBkVABkYBHRleHQVAhYCFmYWaiYIAAAmchwVBBkVABkYBWxhYmVsFQIWAhY+FkImcgAAFqQBFgI2rAEAKAloeXBhcnF1ZXQZLBwAABwAAACAAAAAUEFSMQ==',
  label77:
    'UEFSMRUGFQ4VElwVAhUAFQIVABUEFQAAAAMBBRABAAAAeBUGFRQVGFwVAhUAFQIVABUEFQAAAAMBCBxNAAAAAAAAABUEGTxIBHJvb3QVBAAVDCUCGAR0ZXh0JQAAFQQlAhgFbGFiZWwAFgIZHBksJggcFQwZFQAZGAR0ZXh0FQIWAhY4FjwmCAAAJkQcFQQZFQAZGAVsYWJlbBUCFgIWPhZCJkQAABZ2FgI2fgAoCWh5cGFycXVldBksHAAAHAAAAH4AAABQQVIx',
  body: 'UEFSMRUGFQ4VElwVAhUAFQIVABUEFQAAAAMBBRABAAAAeBUGFRQVGFwVAhUAFQIVABUEFQAAAAMBCBwBAAAAAAAAABUEGTxIBHJvb3QVBAAVDCUCGARib2R5JQAAFQQlAhgFbGFiZWwAFgIZHBksJggcFQwZFQAZGARib2R5FQIWAhY4FjwmCAAAJkQcFQQZFQAZGAVsYWJlbBUCFgIWPhZCJkQAABZ2FgI2fgAoCWh5cGFycXVldBksHAAAHAAAAH4AAABQQVIx',
};

const taxonomy = await readTaxonomy();
let dir: string;
let server: Server;
let url: string;
let parts: Record<string, Buffer>;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-banking77-hub-'));
  parts = { train: Buffer.from(PARQUET.train, 'base64'), test: Buffer.from(PARQUET.test, 'base64') };
  server = createServer((request, response) => {
    const wanted = /^\/datasets\/PolyAI\/banking77\/resolve\/refs\/convert\/parquet\/default\/(\w+)\/0000\.parquet$/;
    const content = parts[wanted.exec(decodeURIComponent(request.url ?? ''))?.[1] ?? ''];
    if (content === undefined) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    const [, from = '0', to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const part = content.subarray(Number(from), to ? Number(to) + 1 : undefined);
    const range = { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${content.length}` };
    response.writeHead(request.headers.range === undefined ? 200 : 206, { etag: '"abc"', 'content-length': part.length, ...range });
    response.end(request.method === 'HEAD' ? undefined : part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(dir, { recursive: true, force: true });
});

it('brings Banking77 as the files that are read, numbers become names', async () => {
  await fetchBanking77(dir, taxonomy, () => {}, url);
  expect((await readdir(dir)).sort()).toEqual(['test.csv', 'train.csv']);
  const { train, test } = await readBanking77(dir, taxonomy);
  expect(train.rows.map(({ text, intent }) => [text, intent])).toEqual([
    ['I am still waiting', 'card_arrival'],
    ['Is it "free", or not?\nTell me', 'activate_my_card'],
    ['Where is my refund', 'Refund_not_showing_up'],
    ['A real one?', 'wrong_exchange_rate_for_cash_withdrawal'],
  ]);
  expect(test.rows).toMatchObject([{ text: 'How do I locate my card?', intent: 'card_arrival' }]);
});

it.each<[string, Buffer | undefined, string, string]>([
  ['a label beyond the last', Buffer.from(PARQUET.label77, 'base64'), 'bad_data', 'has the label 77; expected 0 to 76'],
  ['another column', Buffer.from(PARQUET.body, 'base64'), 'bad_data', 'is not Banking77, with columns text and label'],
  ['what is no Parquet', Buffer.from('<html>Sign in to this network</html>'), 'bad_data', 'is not Banking77, with columns text and label'],
  ['a part that is missing', undefined, 'unreachable', 'default/test/0000.parquet of PolyAI/banking77 could not be fetched'],
])('refuses %s, and writes no test.csv', async (_, content, code, message) => {
  parts = { ...(parts.train && { train: parts.train }), ...(content && { test: content }) };
  await expect(fetchBanking77(dir, taxonomy, () => {}, url)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  expect(await readdir(dir)).not.toContain('test.csv');
});

it('fetches what is damaged anew, the next time', async () => {
  const whole = parts;
  parts = { ...whole, test: Buffer.from(PARQUET.body, 'base64') };
  await expect(fetchBanking77(dir, taxonomy, () => {}, url)).rejects.toMatchObject({ code: 'bad_data' });
  parts = whole;
  await fetchBanking77(dir, taxonomy, () => {}, url);
  expect((await readBanking77(dir, taxonomy)).test.rows).toHaveLength(1);
});
