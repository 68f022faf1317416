import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchFromHub } from './hub.ts';

const FILES: Record<string, string> = { 'config.json': '{"model_type":"bert"}', 'onnx/model.onnx': 'x'.repeat(300_000) };

let dir: string;
let server: Server;
let url: string;
let asked: string[];
let answer: RequestListener;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-hub-'));
  asked = [];
  answer = hub;
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(dir, { recursive: true, force: true });
});

/** Answers as the Hub does: `/<repo>/resolve/<revision>/<file>`, ranges included, "EntryNotFound" for what is missing. */
const hub: RequestListener = (request, response) => {
  const name = decodeURIComponent(request.url ?? '').replace(/^\/org\/model\/resolve\/main\//, '');
  const content = FILES[name];
  if (content === undefined) {
    response.writeHead(404, { 'x-error-code': 'EntryNotFound', 'x-error-message': 'Entry not found' }).end();
    return;
  }
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const part = from === undefined ? content : content.slice(Number(from), to === '' ? undefined : Number(to) + 1);
  const range = from === undefined ? {} : { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${content.length}` };
  response.writeHead(from === undefined ? 200 : 206, { etag: '"abc"', 'content-length': part.length, 'accept-ranges': 'bytes', ...range });
  response.end(request.method === 'HEAD' ? undefined : part);
};

const fetchFiles = (files: string[], hubUrl = url, onProgress = (_file: string, _received: number, _total: number) => {}) =>
  fetchFromHub(dir, { repo: { type: 'model', name: 'org/model' }, files, instead: '--base or BASE_MODEL', onProgress, hubUrl });

it('brings files whole, in folders, and tells how far it is', async () => {
  const progress: [string, number, number][] = [];
  await fetchFiles(['config.json', 'onnx/model.onnx'], url, (...step) => progress.push(step));
  for (const [name, content] of Object.entries(FILES)) expect(await readFile(path.join(dir, name), 'utf8')).toBe(content);
  expect(progress.at(-1)).toEqual(['onnx/model.onnx', 300_000, 300_000]);
  expect(progress[0]).toEqual(['config.json', 21, 21]);
  expect(await readdir(dir)).toEqual(['config.json', 'onnx']);
});

it('fetches nothing that is there', async () => {
  await fetchFiles(['config.json']);
  asked.length = 0;
  await fetchFiles(['config.json']);
  expect(asked).toEqual([]);
});

it('passes over a file that may be missing', async () => {
  await fetchFiles(['vocab.txt?', 'config.json']);
  expect(await readdir(dir)).toEqual(['config.json']);
});

describe('says what was wanted, from where and what to do instead', () => {
  it.each<[string, RequestListener, string]>([
    ['when a file is missing', hub, 'it is not there'],
    ['when the Hub is broken', (_, response) => response.writeHead(500).end(), ''],
    ['when it wants a token', (_, response) => response.writeHead(401).end(), ''],
    ['when it hangs up', (request) => request.socket.destroy(), ''],
  ])('%s', async (_, listener, why) => {
    answer = listener;
    await expect(fetchFiles(['vocab.txt'])).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(
        new RegExp(
          `^vocab.txt of org/model could not be fetched from ${url}: .*${why}.*give the path of a folder that holds it with --base or BASE_MODEL`,
          's',
        ),
      ),
    });
    expect(await readdir(dir)).toEqual([]);
  });

  it('when there is no network', async () => {
    await expect(fetchFiles(['config.json'], 'http://127.0.0.1:9')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('could not be fetched from http://127.0.0.1:9: fetch failed'),
    });
  });

  it('when the connection breaks in the middle, and leaves no part of a file', async () => {
    answer = (request, response) => {
      if (request.method === 'HEAD' || request.headers.range === 'bytes=0-0') return hub(request, response);
      response.writeHead(200, { etag: '"abc"', 'content-length': 300_000 });
      response.write('x'.repeat(1000), () => request.socket.destroy());
    };
    await expect(fetchFiles(['onnx/model.onnx'])).rejects.toMatchObject({ code: 'unreachable' });
    expect(await readdir(path.join(dir, 'onnx')).catch(() => [])).toEqual([]);
  });
});
