import type { Db } from '../db/database.ts';
import type { Queue } from '../db/queue.ts';
import type { Log } from '../log.ts';
import type { LiveModel } from './live-model.ts';
import type { Slack } from './slack.ts';
import type { Turns } from './turns.ts';

/** What the parts of the bot work with. */
export type Deps = {
  slack: Slack;
  db: Db;
  model: LiveModel;
  queue: Pick<Queue, 'add'>;
  turns: Turns;
  log: Log;
};
