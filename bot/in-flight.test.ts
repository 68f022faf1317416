import { expect, test } from 'vitest';
import { countInFlight } from './in-flight.ts';
import { takeTurns } from './turns.ts';

test('a drain waits for what is under way, and for what that starts', async () => {
  const inFlight = countInFlight();
  const ended: string[] = [];
  void inFlight.run(
    async () => {
      await new Promise((resolve) => setImmediate(resolve));
      void inFlight.run(
        async () => void ended.push('inner'),
        () => {},
      );
      ended.push('outer');
    },
    () => {},
  );
  expect(await inFlight.drain(60_000)).toBe(0);
  expect(ended).toEqual(['outer', 'inner']);
});

test('a drain does not wait for ever', async () => {
  const inFlight = countInFlight();
  void inFlight.run(
    () => new Promise(() => {}),
    () => {},
  );
  expect(await inFlight.drain(1)).toBe(1);
});

test('what a task throws is told, also before its first await', async () => {
  const errors: unknown[] = [];
  const inFlight = countInFlight();
  await inFlight.run(
    () => {
      throw new Error('early');
    },
    (error) => errors.push(error),
  );
  expect(errors).toEqual([new Error('early')]);
});

test('turns of one key follow each other, also after a failure; other keys do not wait', async () => {
  const turns = takeTurns();
  const order: string[] = [];
  let open = () => {};
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  const first = turns(1, async () => {
    await held;
    order.push('first');
    throw new Error('failed');
  });
  const second = turns(1, async () => order.push('second'));
  await turns(2, async () => order.push('other'));
  open();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(order).toEqual(['other', 'first', 'second']);
});
