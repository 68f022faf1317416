import { describe, expect, test } from 'vitest';
import { storePlots } from '../db/run-plots.ts';
import { failRun, finishRun, getRun, reportProgress, startRun } from '../db/runs.ts';
import type { Failure } from './playground/web-api/calls.ts';
import { CHANNELS, PEOPLE } from './playground/workspace.ts';
import { eachInWorld, shown, type World } from './testing.ts';

let world: World;
eachInWorld((opened) => {
  world = opened;
});

/** Runs a command and waits for its private answer. */
async function ask(text: string, user: string = PEOPLE.customer, channel: string = CHANNELS.support): Promise<string> {
  const before = world.control.ephemerals(user).length;
  await world.control.command({ text, user, channel });
  return shown(await world.control.until(`an answer to /ticket ${text}`, () => world.control.ephemerals(user)[before]));
}

describe('/ticket', () => {
  test.each([
    ['nothing', '', 'I sort the messages'],
    ['help', 'help', '/ticket retrain'],
    ['capitals', 'HELP', '/ticket retrain'],
    ['an unknown command', 'dance now', 'I do not know `/ticket dance`'],
    ['no text', 'classify', 'Which message?'],
    ['blank text', 'classify    ', 'Which message?'],
    ['too much text', `classify ${'a'.repeat(10_001)}`, '10,001 characters, and I read at most 10,000'],
    ['a text', 'classify I was charged twice', ':moneybag: Billing'],
    ['a text on the next line', 'Classify\nI cannot log in', ':key: Account/Login'],
    ['status', 'status', 'Model `model-1`'],
  ])('%s', async (_, text, part) => {
    await world.start();
    expect(await ask(text)).toContain(part);
    expect(world.control.messages()).toEqual([]);
  });

  test('status counts', async () => {
    await world.start();
    const { ts } = world.control.post({ text: 'I was charged twice' });
    await world.control.until('a reply', () => world.control.replies({ ts })[0]);
    world.control.react({ ts, user: PEOPLE.agent, name: 'key' });
    await world.control.until('an edit', () => world.control.calls('chat.update').length > 0);
    const doubtful = world.control.post({ text: 'I was charged somehow' });
    await world.control.until('a question', () => world.control.replies({ ts: doubtful.ts })[0]);
    const status = await ask('status');
    expect(status).toContain('2 tickets so far, 1 of them asked about, 1 corrected or confirmed');
    expect(status).toContain('test.accuracy 93.1 %');
    expect(status).toContain('No training is under way');
  });

  test('tells nothing of what is inside when the database is down', async () => {
    const { db } = world;
    const down = db.withPlugin({
      transformQuery: () => {
        throw new Error('connect ECONNREFUSED 10.0.0.7:5432 password=hunter2');
      },
      transformResult: async ({ result }) => result,
    });
    world.control.setAdmin(PEOPLE.agent, true);
    await world.start({ db: down });
    for (const command of ['status', 'retrain']) {
      const answer = await ask(command, PEOPLE.agent);
      expect(answer).toContain('does not work right now');
      expect(answer).not.toMatch(/ECONN|hunter2|10\.0\.0\.7/);
    }
    expect(await ask('classify I was charged twice')).toContain('Billing');
  });

  test('tells nothing of what is inside when the model fails', async () => {
    await world.start();
    world.rules.fail(new Error('onnxruntime: /models/live/model.onnx'));
    expect(await ask('classify I was charged twice')).toContain('does not work right now');
  });
});

describe('/ticket retrain', () => {
  const runs = () => world.db.selectFrom('trainingRuns').selectAll().execute();

  test.each([
    ['a customer', PEOPLE.customer, [], 'no'],
    ['an admin of the workspace', PEOPLE.admin, [], 'yes'],
    ['a configured id', PEOPLE.agent, [PEOPLE.agent], 'yes'],
    ['a configured name', PEOPLE.agent, ['priya'], 'yes'],
    ['the name of another', PEOPLE.customer, ['priya'], 'no'],
    ['a display name, which people choose', PEOPLE.agent, ['Priya Raman'], 'no'],
  ])('by %s', async (_, user, admins, allowed) => {
    await world.start({ admins });
    const answer = await ask('retrain', user);
    expect(answer).toContain(allowed === 'yes' ? 'The training is queued' : 'Only admins');
    expect((await runs()).length).toBe(allowed === 'yes' ? 1 : 0);
    expect(world.jobs.length).toBe(allowed === 'yes' ? 1 : 0);
  });

  test('is refused when Slack does not say who is an admin, and asked again next time', async () => {
    await world.start();
    world.control.fail('users.info', { status: 500 });
    expect(await ask('retrain', PEOPLE.admin)).toContain('does not tell me');
    expect(await runs()).toEqual([]);
    expect(await ask('retrain', PEOPLE.admin)).toContain('The training is queued');
  });

  test('is refused while one is under way', async () => {
    await world.start();
    const answers = await Promise.all([1, 2, 3].map(() => world.control.command({ text: 'retrain', user: PEOPLE.admin })));
    await world.control.until('three answers', () => world.control.ephemerals(PEOPLE.admin).length === answers.length);
    const said = world.control.ephemerals(PEOPLE.admin).map(shown);
    expect(said.filter((text) => text.includes('is queued'))).toHaveLength(1);
    expect(said.filter((text) => text.includes('under way already'))).toHaveLength(2);
    expect(await runs()).toHaveLength(1);
  });

  test('where the bot may not post starts nothing', async () => {
    await world.start();
    expect(await ask('retrain', PEOPLE.admin, CHANNELS.general)).toContain('I cannot post in this channel (`not_in_channel`)');
    expect(world.jobs).toEqual([]);
    expect(await ask('retrain', PEOPLE.admin)).toContain('is queued');
  });

  test('with a queue that is down fails the run, and says so', async () => {
    await world.start({
      queue: {
        add: async () => {
          throw new Error('connect ECONNREFUSED');
        },
      },
    });
    expect(await ask('retrain', PEOPLE.admin)).toContain('does not work right now');
    await world.control.until('the news', () => shown(world.control.messages()[0]).includes('The queue did not take the job'));
  });
});

describe('a training', () => {
  const news = (part: string) =>
    world.control.until(`a message with "${part}"`, () => world.control.messages().find((message) => shown(message).includes(part)));
  const queued = async () => {
    await ask('retrain', PEOPLE.admin);
    const [job] = world.jobs;
    if (job === undefined) throw new Error('no job was queued');
    return job.runId;
  };
  const announced = (id: string) => expect.poll(async () => (await getRun(world.db, id))?.announcedAt).not.toBeNull();
  const result = { old: { heldOut: { accuracy: 0.912, rows: 1500 } }, new: { heldOut: { accuracy: 0.934, rows: 1500 } } };

  test('is told by editing one message, from the queue to the figures', async () => {
    await world.start();
    const id = await queued();
    const first = await news('waiting for a trainer');
    await startRun(world.db, id);
    await reportProgress(world.db, id, { phase: 'Fine-tuning', step: 50, steps: 200, loss: 0.4321, secondsLeft: 200 });
    expect(shown(await news('Fine-tuning'))).toContain('25 % · loss 0.432 · 3 min left');
    await finishRun(world.db, id, { result, modelVersion: 'abc', promoted: true, reason: 'Better by 2.2 points' });
    const last = await news('Model `abc` is live');
    expect(last.ts).toBe(first.ts);
    expect(shown(last)).toMatch(/Better by 2\.2 points[\s\S]*heldOut\.accuracy +91\.2 % +93\.4 %/);
    expect(world.control.messages()).toHaveLength(1);
    await announced(id);
  });

  test('that was not good enough or failed is told, too', async () => {
    await world.start();
    const id = await queued();
    await startRun(world.db, id);
    await finishRun(world.db, id, { result, modelVersion: 'abc', promoted: false, reason: 'Worse on five categories' });
    await news('The old model stays');
    world.jobs.length = 0;
    const other = await queued();
    await failRun(world.db, other, 'No space left on device');
    expect(shown(await news('The training failed'))).toContain('No space left on device');
  });

  describe('with plots', () => {
    const plots = ['confusion', 'training'].map((name) => ({ name, title: `The ${name}`, png: Buffer.from(`picture of the ${name}`) }));
    const ended = async (id: string) => {
      await startRun(world.db, id);
      await storePlots(world.db, { id, teamId: world.slack.teamId }, plots);
      await finishRun(world.db, id, { result, modelVersion: 'abc', promoted: true, reason: 'Better' });
    };
    const shared = (ts: string) => world.control.replies({ ts }).map(({ files = [] }) => files.map(({ name, title }) => [name, title]));
    const both = [
      ['abc-confusion.png', 'The confusion'],
      ['abc-training.png', 'The training'],
    ];

    test('shows them in the thread of its message, once', async () => {
      await world.start();
      const id = await queued();
      await ended(id);
      const { ts } = await news('Model `abc` is live');
      await announced(id);
      expect(shared(ts)).toEqual([both]);
      // A crash before the announcement was noted:
      await world.db.updateTable('trainingRuns').set({ announcedAt: null }).where('id', '=', id).execute();
      await announced(id);
      expect(shared(ts)).toEqual([both]);
    });

    test.each<[string, string, Failure, string[][][], number]>([
      ['that Slack does not take ends without them, at once', 'files.getUploadURLExternal', { error: 'missing_scope', times: 9 }, [], 0],
      ['that can never be uploaded ends without them', 'files.completeUploadExternal', { status: 500, times: 99 }, [], 4],
      ['shows them after an upload that failed', 'files.completeUploadExternal', { status: 500 }, [both], 2],
    ])('%s', async (_, method, failure, expected, shares) => {
      await world.start();
      world.control.fail(method, failure);
      const id = await queued();
      await ended(id);
      const { ts } = await news('Model `abc` is live');
      await announced(id);
      expect(shared(ts)).toEqual(expected);
      expect(world.control.calls('files.completeUploadExternal')).toHaveLength(shares);
      expect(world.control.calls('files.getUploadURLExternal').length).toBeLessThanOrEqual(Math.max(1, shares) * plots.length);
    });
  });

  test('that ends while no bot runs is told by the next one', async () => {
    const bot = await world.start();
    const id = await queued();
    await startRun(world.db, id);
    await bot.stop();
    await finishRun(world.db, id, { result, modelVersion: 'abc', promoted: true, reason: 'Better' });
    await world.start();
    await news('Model `abc` is live');
    expect(world.control.messages()).toHaveLength(1);
  });

  test('whose trainer died is failed', async () => {
    await world.start({ watch: { busy: 20, idle: 20, edit: 0, wait: 100, silence: 200 } });
    await startRun(world.db, await queued());
    await news('The trainer stopped answering');
  });

  test('that nobody takes gets a trainer, and fails when that does not work', async () => {
    await world.start();
    const id = await queued();
    await world.control.until('a trainer', () => world.trainer.asked > 0);
    expect(world.jobs.map(({ runId }) => runId)).toEqual([id]);
    world.trainer.answer = 'broken';
    await news('No trainer took the job');
    expect((await getRun(world.db, id))?.state).toBe('failed');
  });

  test('whose message was deleted ends without one', async () => {
    await world.start();
    const id = await queued();
    const { ts } = await news('waiting for a trainer');
    world.control.remove({ ts });
    await startRun(world.db, id);
    await finishRun(world.db, id, { result, modelVersion: 'abc', promoted: true, reason: 'Better' });
    await announced(id);
  });
});
