import { expect, test } from 'vitest';
import { TicketwiseError } from '../errors.ts';
import { openLiveModel } from './live-model.ts';
import { quiet, ruleClassifier, rulesLive } from './testing.ts';

const bytes = (error: Error) => Promise.reject(error);

test('a message that came before a swap is answered by the old model, which is then disposed of', async () => {
  const [first, second] = [ruleClassifier('one'), ruleClassifier('two')];
  const { model, goLive } = await rulesLive(first.classifier, new Map([['two', second.classifier]]));
  const open = first.hold();
  const before = model.classify(['I was charged twice']);
  const swapped = goLive('two');
  await expect.poll(() => model.version).toBe('two');
  const after = model.classify(['I was charged twice']);
  expect((await after)[0]?.model).toBe('two');
  expect(first.isDisposed()).toBe(false);
  open();
  expect((await before)[0]?.model).toBe('one');
  await swapped;
  expect(first.isDisposed()).toBe(true);
  await model.dispose();
  expect(second.isDisposed()).toBe(true);
});

test('a model that does not load leaves the old one, and is tried again', async () => {
  const first = ruleClassifier('one');
  const others = new Map([['two', ruleClassifier('two').classifier]]);
  const there = new Map<string, (typeof first)['classifier']>();
  const { model, goLive } = await rulesLive(first.classifier, there);
  await goLive('two');
  expect(model.version).toBe('one');
  expect((await model.classify(['hello']))[0]?.model).toBe('one');
  for (const [version, classifier] of others) there.set(version, classifier);
  await model.check();
  expect(model.version).toBe('two');
  expect(first.isDisposed()).toBe(true);
});

test('looks that come at once open a new model once', async () => {
  let opens = 0;
  let live: string | undefined;
  const rules = ruleClassifier('one');
  const model = await openLiveModel({
    wanted: async () => live,
    open: async (version) => {
      opens += 1;
      return { classifier: version === undefined ? rules.classifier : ruleClassifier(version).classifier, metrics: {}, createdAt: '' };
    },
    log: quiet(),
  });
  live = 'two';
  await Promise.all([model.check(), model.check(), model.check()]);
  expect(opens).toBe(2);
  expect(model.version).toBe('two');
});

test('what is not used any more is cleared at the start and after each swap, and trouble with that is no trouble', async () => {
  let live: string | undefined;
  const cleared: (string | undefined)[] = [];
  const model = await openLiveModel({
    wanted: async () => live,
    open: async (version) => ({ classifier: ruleClassifier(version ?? 'starter').classifier, metrics: {}, createdAt: '' }),
    tidy: async () => {
      cleared.push(live);
      throw new Error('read-only file system');
    },
    log: quiet(),
  });
  await model.check();
  live = 'two';
  await model.check();
  expect(cleared).toEqual([undefined, 'two']);
  expect(model.version).toBe('two');
});

test('the starter model steps in at a start', async () => {
  const starter = ruleClassifier('starter').classifier;
  const model = await openLiveModel({
    wanted: async () => 'gone',
    open: (version) =>
      version === undefined ? Promise.resolve({ classifier: starter, metrics: {}, createdAt: '' }) : bytes(new Error('damaged')),
    log: quiet(),
  });
  expect(model.version).toBe('starter');
});

test('without a starter model there is no start', async () => {
  const opening = openLiveModel({
    wanted: async () => undefined,
    open: () => bytes(new TicketwiseError('bad_model', 'none')),
    log: quiet(),
  });
  await expect(opening).rejects.toThrow('none');
});

test('a model whose thread ended is opened anew', async () => {
  const [first, second] = [ruleClassifier('same'), ruleClassifier('same')];
  const classifiers = [first.classifier, second.classifier];
  const model = await openLiveModel({
    wanted: async () => undefined,
    open: async () => ({ classifier: classifiers.shift() ?? second.classifier, metrics: {}, createdAt: '' }),
    log: quiet(),
  });
  first.fail(new TicketwiseError('bad_model', 'The classifier has ended.'));
  await expect(model.classify(['I was charged twice'])).rejects.toThrow('has ended');
  await expect.poll(() => first.isDisposed()).toBe(true);
  expect((await model.classify(['I was charged twice']))[0]?.category.id).toBe('billing');
});
