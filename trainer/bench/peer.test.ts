import { expect, test } from 'vitest';
import { openPeer } from './peer.ts';

test.each([
  ['a Python that is not there', '/nowhere/python', 'set PYTHON'],
  ['a program that is no Python', process.execPath, 'set PYTHON'],
])('%s is told in words', async (_, python, expected) => {
  expect(await openPeer(python)).toEqual({ missing: expect.stringContaining(expected) });
});
