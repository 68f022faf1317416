import type { ColumnType, Generated, Selectable } from 'kysely';

type CreatedAt = ColumnType<Date, never, never>;
/** Written as JSON text (the driver would take an array for a PostgreSQL array), read as a value. */
type Json<T> = ColumnType<T, string, string>;

/** A label and how probable the model held it, 0 to 1. */
export type Score = { id: string; probability: number };

/** Why a ticket stays without a reply. */
export type Closed = 'too_long' | 'chatter';

type TicketTable = {
  id: Generated<number>;
  teamId: string;
  channelId: string;
  /** of the customer's message; with team and channel it names the ticket */
  ts: string;
  userId: string;
  text: string;
  /** of the bot's reply in the thread; null until it was posted */
  replyTs: string | null;
  closed: Closed | null;
  createdAt: CreatedAt;
};

type PredictionTable = {
  id: Generated<number>;
  teamId: string;
  ticketId: number;
  modelVersion: string;
  category: string;
  categoryProbability: number;
  priority: string;
  priorityProbability: number;
  intent: string;
  intentProbability: number;
  /** most probable first */
  categories: Json<Score[]>;
  priorities: Json<Score[]>;
  intents: Json<Score[]>;
  /** probability that the message is no ticket */
  chatter: number;
  /** whether the category was sure enough to be told; otherwise it was asked for */
  sure: Generated<boolean>;
  /** whether the message was like those that the model learnt from */
  inScope: Generated<boolean>;
  /** whether it was taken for chatter, on which the bot is silent */
  silent: Generated<boolean>;
  createdAt: CreatedAt;
};

/** What a correction speaks of. */
export type FeedbackKind = 'category' | 'priority' | 'intent' | 'verdict';
export type FeedbackSource = 'reaction' | 'button' | 'form';

type FeedbackTable = {
  id: Generated<number>;
  teamId: string;
  ticketId: number;
  userId: string;
  kind: FeedbackKind;
  /** `right` or `wrong` for a verdict, else an id of the taxonomy */
  value: string;
  source: FeedbackSource;
  /** `ts` of the message that a reaction sits on, '' for the other sources */
  itemTs: string;
  action: 'set' | 'retract';
  /** seconds since 1970 with six decimals, as Slack writes it */
  eventTs: string;
  /** this person's word of this kind when the event arrived */
  replaces: string | null;
  createdAt: CreatedAt;
};

/** The view of the words that stand: one for each ticket, person and kind. */
type CurrentFeedbackView = Pick<
  FeedbackTable,
  'teamId' | 'ticketId' | 'userId' | 'kind' | 'value' | 'source' | 'itemTs' | 'eventTs' | 'createdAt'
> & { id: number };

export type RunState = 'queued' | 'running' | 'succeeded' | 'failed';

/** Where a training run is; `secondsLeft` and `loss` are null while they are not known. */
export type RunProgress = { phase: string; step: number; steps: number; loss: number | null; secondsLeft: number | null };

/** What evaluation measured, old model against new on the same rows. */
export type RunResult = { old: Record<string, unknown> | null; new: Record<string, unknown> };

type TrainingRunTable = {
  id: string;
  teamId: string;
  requestedBy: string;
  channelId: string;
  /** of the message that tells the progress; null until it was posted */
  messageTs: string | null;
  state: ColumnType<RunState, never, RunState>;
  progress: ColumnType<RunProgress | null, never, string>;
  result: ColumnType<RunResult | null, never, string>;
  modelVersion: string | null;
  /** null until the run succeeded */
  promoted: boolean | null;
  /** why it was promoted, or why not */
  reason: string | null;
  error: string | null;
  createdAt: CreatedAt;
  startedAt: Date | null;
  heartbeatAt: Date | null;
  endedAt: Date | null;
  /** when its end was told in Slack */
  announcedAt: Date | null;
};

type RunPlotTable = { teamId: string; runId: string; place: number; name: string; title: string; png: Buffer };

type ModelVersionTable = {
  teamId: string;
  version: string;
  /** `manifest.json` of the model folder */
  manifest: Json<unknown>;
  metrics: Json<unknown>;
  runId: string | null;
  createdAt: CreatedAt;
};

type ModelFileTable = { teamId: string; version: string; path: string; sha256: string; bytes: number };

/** The bytes of a file in parts, stored once however many versions have it. */
type ModelBlobTable = { sha256: string; part: number; bytes: Buffer };

type PromotionTable = {
  id: Generated<number>;
  teamId: string;
  /** live from here on; null is the starter model */
  version: string | null;
  previous: string | null;
  reason: string;
  runId: string | null;
  /** who or what decided */
  by: string;
  /** the promotion that a rollback takes back */
  undoes: number | null;
  at: CreatedAt;
};

/** Every table, in TypeScript's spelling: `openDatabase` translates `teamId` to `team_id` and back. */
export type Database = {
  tickets: TicketTable;
  predictions: PredictionTable;
  feedback: FeedbackTable;
  currentFeedback: CurrentFeedbackView;
  trainingRuns: TrainingRunTable;
  runPlots: RunPlotTable;
  modelVersions: ModelVersionTable;
  modelFiles: ModelFileTable;
  modelBlobs: ModelBlobTable;
  promotions: PromotionTable;
};

export type Ticket = Selectable<TicketTable>;
export type Prediction = Selectable<PredictionTable>;
/** One person's current word of one kind. */
export type Feedback = Selectable<CurrentFeedbackView>;
export type TrainingRun = Selectable<TrainingRunTable>;
export type ModelVersion = Selectable<ModelVersionTable>;
export type Promotion = Selectable<PromotionTable>;
