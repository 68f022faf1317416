import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Db } from '../db/database.ts';
import type { RetrainJob } from '../db/queue.ts';
import { openTestDatabase, type TestDatabase } from '../db/testing.ts';
import { type Labels, labelsOf, parseTaxonomy } from '../labels.ts';
import { type Log, openLog } from '../log.ts';
import type { Classification, Classifier } from '../models/classification.ts';
import { type Bot, type BotOptions, startBot } from './app.ts';
import { type LiveModel, openLiveModel } from './live-model.ts';
import { type Playground, startPlayground } from './playground/server.ts';
import { openSlack, type Slack } from './slack.ts';
import { slackLog } from './slack-log.ts';

const group = (id: string, name: string, emoji: string) => ({ id, name, description: '', emoji });

export const TAXONOMY = parseTaxonomy(
  {
    categories: [
      group('billing', 'Billing', 'moneybag'),
      group('account', 'Account/Login', 'key'),
      group('general', 'General Inquiry', 'bulb'),
    ],
    priorities: [
      group('low', 'Low', 'large_green_circle'),
      group('medium', 'Medium', 'large_yellow_circle'),
      group('high', 'High', 'red_circle'),
    ],
    intents: [
      { id: 'refund', category: 'billing', priority: 'medium' },
      { id: 'login', category: 'account', priority: 'high' },
    ],
  },
  'the test',
);
export const LABELS: Labels = labelsOf(TAXONOMY);

/** A classifier of three rules, which is not sure of what happened somehow; it counts what it was asked, and can be held up or made to fail. */
export function ruleClassifier(version: string, labels: Labels = LABELS) {
  let disposed = false;
  let gate: Promise<void> = Promise.resolve();
  let failure: Error | undefined;
  const asked: string[] = [];
  const classifier: Classifier = {
    version,
    labels,
    async classify(texts) {
      asked.push(...texts);
      await gate;
      if (disposed) throw new Error(`the model ${version} was disposed of while it was asked`);
      if (failure !== undefined) throw failure;
      return texts.map((text) => classify(text, version));
    },
    async dispose() {
      await gate;
      disposed = true;
    },
  };
  return {
    classifier,
    asked,
    isDisposed: () => disposed,
    /** Holds every answer back until the returned function is called. */
    hold(): () => void {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
    fail(error: Error | undefined) {
      failure = error;
    },
  };
}

function classify(text: string, model: string): Classification {
  const chatter = /thank/i.test(text) ? 0.9 : 0;
  const [best, priority, intent] = /log ?in|password/i.test(text)
    ? (['account', 'high', 'login'] as const)
    : /charge|refund|invoice/i.test(text)
      ? (['billing', 'medium', 'refund'] as const)
      : (['general', 'low', 'other:general'] as const);
  const scored = (id: string, probability: number) => ({ id, probability });
  const rest = LABELS.categories.filter(({ id }) => id !== best).map(({ id }) => scored(id, 0.04 * (1 - chatter)));
  const category = scored(best, 0.92 * (1 - chatter));
  const intents = [scored(intent, 0.8), scored('chatter', chatter)].sort((a, b) => b.probability - a.probability);
  return {
    text,
    category,
    priority: scored(priority, 0.8),
    intent: intents[0] ?? scored(intent, 0.8),
    categories: [category, ...rest],
    priorities: [scored(priority, 0.8)],
    intents,
    chatter,
    promises: [],
    inScope: true,
    sure: !/somehow/i.test(text),
    silent: chatter > 0.5,
    model,
  };
}

/** A live model that is one classifier, and `model-2` and so on when `goLive` says so. */
export async function rulesLive(first: Classifier, others: ReadonlyMap<string, Classifier> = new Map(), log: Log = quiet()) {
  let live: string | undefined;
  const model = await openLiveModel({
    wanted: async () => live,
    open: async (version) => {
      const classifier = version === undefined ? first : others.get(version);
      if (classifier === undefined) throw new Error(`there is no model ${version}`);
      return { classifier, metrics: { test: { accuracy: 0.931 } }, createdAt: '2026-03-01T00:00:00Z' };
    },
    log,
  });
  return {
    model,
    goLive(version: string | undefined) {
      live = version;
      return model.check();
    },
  };
}

export function quiet(): Log {
  return openLog('silent', false);
}

/** A bot on a playground and a database of its own. */
export type World = {
  playground: Playground;
  control: Playground['control'];
  db: Db;
  slack: Slack;
  /** what is on the queue: a run is once, however often it is added */
  jobs: RetrainJob[];
  rules: ReturnType<typeof ruleClassifier>;
  model: LiveModel;
  /** how often the bot asked for a trainer */
  trainer: { asked: number; answer: 'running' | 'broken' };
  /** why Slack would not have the bot back */
  lost: Error[];
  /** Starts a bot; the options replace those of the test. */
  start(options?: Partial<BotOptions>): Promise<Bot>;
  /** Waits until every event was delivered and worked on; the bots are stopped by that. */
  settle(): Promise<void>;
  stop(): Promise<void>;
};

const WATCH = { busy: 20, idle: 40, edit: 30, wait: 100, silence: 60_000 };

/** Gives every test of a file, or of the `describe` that calls this, a world of its own, on one database for all. */
export function eachInWorld(use: (world: World) => void): void {
  let database: TestDatabase;
  let world: World | undefined;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  beforeEach(async () => {
    world = await openWorld(database);
    use(world);
  });
  afterEach(async () => {
    await world?.stop();
    world = undefined;
  });
  afterAll(() => database.close());
}

/** What a message of the playground shows: its blocks as JSON, its text where it has none. */
export function shown(message: { text: string; blocks?: unknown } | undefined): string {
  return JSON.stringify(message?.blocks ?? message?.text ?? '');
}

/** Opens a world with no bot in it yet, on a database that is emptied first. */
async function openWorld({ db }: Pick<TestDatabase, 'db'>): Promise<World> {
  await sql`truncate tickets, training_runs cascade`.execute(db);
  const playground = await startPlayground({ port: 0, taxonomy: TAXONOMY, timing: { ackTimeoutMs: 2_000, retryDelaysMs: [0, 50, 50] } });
  const log = quiet();
  const { botToken, appToken, apiUrl } = playground;
  const slack = await openSlack({ botToken, appToken, apiUrl }, slackLog(log));
  const rules = ruleClassifier('model-1');
  const { model } = await rulesLive(rules.classifier);
  const bots: Bot[] = [];
  const jobs: RetrainJob[] = [];
  const trainer: World['trainer'] = { asked: 0, answer: 'running' };
  const lost: Error[] = [];
  const stopBots = async () => void (await Promise.all(bots.splice(0).map((bot) => bot.stop())));
  return {
    playground,
    control: playground.control,
    db,
    slack,
    jobs,
    rules,
    model,
    trainer,
    lost,
    async start(options = {}) {
      const bot = await startBot({
        slack,
        db,
        model,
        queue: {
          add: async (job) => {
            if (!jobs.some(({ runId }) => runId === job.runId)) jobs.push(job);
          },
        },
        trainer: {
          ensure() {
            trainer.asked += 1;
            return trainer.answer;
          },
        },
        supportChannels: ['support'],
        admins: [],
        log,
        onLost: (error) => lost.push(error),
        recovery: { every: 50, after: 0 },
        watch: WATCH,
        ...options,
      });
      bots.push(bot);
      return bot;
    },
    async settle() {
      await playground.control.delivered();
      await stopBots();
    },
    async stop() {
      await stopBots();
      await playground.stop();
      await model.dispose();
    },
  };
}
