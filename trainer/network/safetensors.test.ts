import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

let dir: string;
let file: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-safetensors-'));
  file = path.join(dir, 'model.safetensors');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A file of a header and its data, as the format has them. */
function build(header: unknown, data: Uint8Array = new Uint8Array(), length?: bigint): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([size, text, data]);
}

const bytes = (values: ArrayBufferView) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

it('reads what it wrote, bit for bit, from views at any place of a larger buffer', async () => {
  const pool = Float32Array.from({ length: 40 }, (_, i) => Math.fround(i / 7 - 2));
  pool.set([-0, 1e-45, 3.4e38, Number.POSITIVE_INFINITY], 4);
  const tensors = new Map([
    ['encoder.weight', { shape: [2, 3], values: pool.subarray(3, 9) }],
    ['größe.bias', { shape: [5], values: pool.subarray(9, 14) }],
    ['scalar', { shape: [], values: pool.subarray(14, 15) }],
    ['empty', { shape: [0, 7], values: new Float32Array() }],
  ]);
  await writeSafetensors(file, tensors);
  const read = await readSafetensors(file);
  expect([...read.keys()]).toEqual([...tensors.keys()]);
  for (const [name, { shape, values }] of tensors) {
    expect(read.get(name)?.shape).toEqual(shape);
    expect([...bytes(read.get(name)?.values ?? new Float32Array())]).toEqual([...bytes(values)]);
  }
});

describe('reads', () => {
  const halves: [string, number, number][] = [
    ['one', 0x3c00, 1],
    ['minus two', 0xc000, -2],
    ['a third', 0x3555, 0.333251953125],
    ['the largest', 0x7bff, 65504],
    ['the least', 0x0001, 2 ** -24],
    ['minus infinity', 0xfc00, Number.NEGATIVE_INFINITY],
    ['no number', 0x7e00, Number.NaN],
  ];
  const brains: [string, number, number][] = [
    ['one', 0x3f80, 1],
    ['minus two', 0xc000, -2],
    ['pi', 0x4049, 3.140625],
    ['infinity', 0x7f80, Number.POSITIVE_INFINITY],
  ];
  it.each([...halves.map((h) => ['F16', ...h] as const), ...brains.map((b) => ['BF16', ...b] as const)])(
    '%s %s',
    async (dtype, _, bits, value) => {
      await writeFile(file, build({ x: { dtype, shape: [1], data_offsets: [0, 2] } }, bytes(Uint16Array.of(bits))));
      expect((await readSafetensors(file)).get('x')?.values).toEqual(Float32Array.of(value));
    },
  );

  it('past buffers of integers and metadata', async () => {
    const header = {
      __metadata__: { format: 'pt' },
      position_ids: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
      x: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
    };
    await writeFile(file, build(header, bytes(Float32Array.of(0, 0, 5))));
    expect([...(await readSafetensors(file))]).toEqual([['x', { shape: [1], values: Float32Array.of(5) }]]);
  });
});

describe('refuses', () => {
  const x = (over: object) => ({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...over } });
  const data = new Uint8Array(8);
  it.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), 'it has 0 bytes'],
    ['a header cut short', build('{"x":', data, 500n), 'its header says 500 bytes'],
    ['a length beyond all files', build('{}', data, 2n ** 63n), 'its header says 9223372036854775808 bytes'],
    ['a header that is no JSON', build('{"x": nonsense}'), 'its header is not JSON'],
    ['a header that is null', build('null'), 'its header is malformed'],
    ['a header that is a list', build('[1]'), 'its header is malformed'],
    ['a size below zero', build(x({ shape: [-2] }), data), 'its header is malformed'],
    ['sizes whose product is beyond numbers', build(x({ shape: [2 ** 40, 2 ** 40, 2 ** 40] }), data), 'tensor x does not fit its bytes'],
    ['data that ends before it begins', build(x({ data_offsets: [8, 0] }), data), 'tensor x does not fit its bytes'],
    ['a web page', Buffer.from('<!DOCTYPE html><html></html>'), 'its header says'],
    ['a shape of text', build(x({ shape: 'wide' }), data), 'its header is malformed'],
    ['data cut short', build(x({}), data.subarray(0, 7)), 'tensor x does not fit its bytes'],
    ['a shape that is too large', build(x({ shape: [3] }), data), 'tensor x does not fit its bytes'],
    ['offsets before the data', build(x({ data_offsets: [-4, 4] }), data), 'tensor x does not fit its bytes'],
  ])('%s', async (_, content, message) => {
    await writeFile(file, content);
    await expect(readSafetensors(file)).rejects.toMatchObject({ code: 'bad_model', message: expect.stringContaining(message) });
  });

  it('a folder', async () => {
    await expect(readSafetensors(dir)).rejects.toMatchObject({ code: 'bad_model', message: expect.stringContaining('it is no file') });
  });

  it('a file that is not there', async () => {
    await expect(readSafetensors(path.join(dir, 'missing'))).rejects.toMatchObject({ code: 'bad_model' });
  });
});
