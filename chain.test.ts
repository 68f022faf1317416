import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startBot } from './bot/app.ts';
import { openLiveModel } from './bot/live-model.ts';
import { startPlayground } from './bot/playground/server.ts';
import { PEOPLE } from './bot/playground/workspace.ts';
import { openSlack } from './bot/slack.ts';
import { slackLog } from './bot/slack-log.ts';
import type { DataSet, Row } from './data/row.ts';
import { feedbackForTraining, storeFeedback } from './db/feedback.ts';
import { liveVersion } from './db/models.ts';
import { openQueue } from './db/queue.ts';
import { getRun } from './db/runs.ts';
import { openTestDatabase, type TestDatabase } from './db/testing.ts';
import { labelsOf, parseTaxonomy } from './labels.ts';
import { openLog } from './log.ts';
import { isServing, readModelFolder } from './models/folder.ts';
import { fetchModel } from './models/registry.ts';
import { openThreadedClassifier } from './models/threaded.ts';
import { blend } from './trainer/blend.ts';
import { buildModel } from './trainer/build.ts';
import { retrain } from './trainer/job.ts';
import { writeTinyCheckpoint } from './trainer/testing.ts';
import { parseRecipe } from './trainer/training/recipe.ts';

const group = (id: string, emoji: string) => ({ id, name: id, description: '', emoji });
const taxonomy = parseTaxonomy(
  {
    categories: [group('billing', 'moneybag'), group('technical', 'wrench'), group('order', 'package')],
    priorities: [group('low', 'large_green_circle'), group('high', 'red_circle')],
    intents: [
      { id: 'refund', category: 'billing', priority: 'low' },
      { id: 'crash', category: 'technical', priority: 'high' },
      { id: 'parcel', category: 'order', priority: 'low' },
    ],
  },
  'the test',
);

/** 60 messages of three intents; each says what it is about in other words. */
const rows = (['refund', 'crash', 'parcel'] as const).flatMap((intent): Row[] => {
  const words = {
    refund: ['money', 'refund', 'invoice', 'charged'],
    crash: ['crash', 'error', 'frozen', 'broken'],
    parcel: ['parcel', 'delivery', 'courier', 'late'],
  };
  const openings = ['hello my', 'again the', 'please see', 'what about', 'still no'];
  return openings.flatMap((opening) =>
    words[intent].map((word) => {
      const { category, priority } = taxonomy.intents.find(({ id }) => id === intent) ?? { category: '', priority: '' };
      return { text: `${opening} ${word}`, intent, category, priority, source: 'seed' };
    }),
  );
});
const corpus: DataSet = { name: 'sixty', rows, sha256: '0'.repeat(64) };
const recipe = parseRecipe(
  { epochs: 30, batchSize: 16, learningRate: 3e-3, dropout: 0, maxTokens: 16, batchTokens: 256, priorityWeight: 1 },
  'the test',
);
const signal = new AbortController().signal;

describe('the whole chain, with a BERT of two layers', () => {
  let scratch: string;
  let database: TestDatabase;
  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-chain-'));
    database = await openTestDatabase();
    await writeTinyCheckpoint(path.join(scratch, 'base'), [...rows.map((row) => row.text), 'gizmo purple']);
  });
  afterAll(async () => {
    await database.close();
    await rm(scratch, { recursive: true });
  });

  test('trains, exports, classifies, stores, corrects, retrains and swaps', async () => {
    const { db } = database;
    const log = openLog('silent', false);
    const base = { name: 'base', dir: path.join(scratch, 'base') };
    const starter = await buildModel({
      base,
      labels: labelsOf(taxonomy),
      blend: blend([corpus], []),
      data: [corpus],
      recipe,
      out: path.join(scratch, 'starter'),
      threads: 1,
      signal,
      onProgress: () => {},
    });

    const playground = await startPlayground({ port: 0, taxonomy });
    const slack = await openSlack(
      { botToken: playground.botToken, appToken: playground.appToken, apiUrl: playground.apiUrl },
      slackLog(log),
    );
    const cache = path.join(scratch, 'cache');
    const open = async (version: string | undefined) => {
      const dir = version === undefined ? starter.dir : await fetchModel(db, slack.teamId, version, cache, isServing);
      const { manifest } = await readModelFolder(dir, isServing);
      return { classifier: await openThreadedClassifier(dir), metrics: manifest.metrics, createdAt: manifest.createdAt };
    };
    const model = await openLiveModel({ wanted: () => liveVersion(db, slack.teamId), open, log });
    const queue = await openQueue({ databaseUrl: database.url, redisUrl: undefined });
    const bot = await startBot({
      slack,
      db,
      model,
      queue,
      trainer: { ensure: () => 'running' },
      supportChannels: ['support'],
      admins: [],
      log,
      onLost: (error) => {
        throw error;
      },
      watch: { busy: 100, idle: 100, edit: 0, wait: 60_000, silence: 60_000 },
    });
    try {
      const { control } = playground;
      // Every message that it was trained on is answered as it was labelled.
      const answers = await model.classify(rows.map((row) => row.text));
      expect(answers.filter((answer, i) => answer.category.id === rows[i]?.category).length).toBeGreaterThanOrEqual(57);

      // A message is stored, classified and answered; a word that the model never saw is corrected.
      const ask = async (text: string) => {
        const { ts } = control.post({ text });
        const reply = await control.until(`a reply to "${text}"`, () => control.replies({ ts })[0]);
        return { ts, reply };
      };
      const { ts, reply } = await ask('gizmo purple');
      expect(reply.text).toMatch(/billing|technical|order/);
      control.react({ user: PEOPLE.agent, ts, name: 'package' });
      control.react({ user: PEOPLE.agent, ts: reply.ts, name: 'red_circle' });
      const words = [
        { kind: 'category', value: 'order' },
        { kind: 'priority', value: 'high' },
      ];
      await vi.waitFor(async () => expect(await feedbackForTraining(db, slack.teamId)).toMatchObject([{ text: 'gizmo purple', words }]));
      await control.until('the corrected reply', () => JSON.stringify(control.message({ ts: reply.ts })).includes(`<@${PEOPLE.agent}>`));

      // A label that the taxonomy no longer has does not stand in the way.
      const [ticket] = await feedbackForTraining(db, slack.teamId);
      const by = { teamId: slack.teamId, ticketId: ticket?.ticketId ?? 0, userId: PEOPLE.admin, source: 'form', itemTs: '' } as const;
      await storeFeedback(db, { ...by, kind: 'category', value: 'gone', action: 'set', eventTs: '1.000000' });

      // An admin asks for a training; the job blends, trains, measures and promotes; the bot swaps and says so.
      await control.command({ user: PEOPLE.admin, text: 'retrain' });
      await queue.work((job) =>
        retrain(job, {
          db,
          log,
          baseModel: base.dir,
          banking77: undefined,
          recipe: { ...recipe, sourceWeights: { ...recipe.sourceWeights, feedback: 3 } },
          cache,
          signal,
          corpora: [corpus],
          taxonomy,
          starter: starter.dir,
        }),
      );
      const announced = await control.until('the report', () => control.messages().find(({ text }) => text.includes('is live')), 60_000);
      const promoted = (await liveVersion(db, slack.teamId)) ?? '';
      expect(announced.text).toContain(promoted);
      const plots = await control.until('the plots', () =>
        control.replies({ ts: announced.ts }).find(({ files = [] }) => files.length > 0),
      );
      expect(plots.files?.map(({ name }) => name)).toEqual(
        ['models', 'confusion', 'reliability', 'training'].map((name) => `${promoted}-${name}.png`),
      );
      expect(announced.text).toContain('1 correction names a label that the taxonomy no longer has.');
      await model.check();
      expect(model.version).toBe(promoted);
      expect(model.version).not.toBe(starter.version);
      const { manifest } = await readModelFolder(await fetchModel(db, slack.teamId, promoted, cache, isServing));
      expect(manifest.recipe).toMatchObject({ teachers: [starter.version], distillation: { share: 0.5 } });
      const again = await ask('gizmo purple again');
      expect(again.reply.text).toContain('order');
      const runs = await db.selectFrom('trainingRuns').select('id').execute();
      expect(await getRun(db, runs[0]?.id ?? '')).toMatchObject({ state: 'succeeded', promoted: true, modelVersion: promoted });
    } finally {
      await queue.close();
      await bot.stop();
      await model.dispose();
      await playground.stop();
    }
  }, 120_000);
});
