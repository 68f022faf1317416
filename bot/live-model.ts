import { TicketwiseError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Classifier } from '../models/classification.ts';
import { logError } from './error-log.ts';

/** A model that is open, and what its folder says of it. */
export type OpenModel = { classifier: Classifier; metrics: Record<string, unknown>; createdAt: string };

/** The model that answers now: a classifier whose model changes under it. */
export type LiveModel = Classifier & {
  readonly metrics: Record<string, unknown>;
  readonly createdAt: string;
  /** Looks for another live model and swaps to it. Never rejects: a model that does not load leaves the old one. */
  check(): Promise<void>;
};

export type LiveModelOptions = {
  /** the version that is to be live; undefined is the starter model */
  wanted: () => Promise<string | undefined>;
  open: (version: string | undefined) => Promise<OpenModel>;
  /** Clears what models that are not live any more left behind; called at the start and after each swap */
  tidy?: () => Promise<void>;
  log: Log;
};

/**
 * Opens the live model. At a start the starter model steps in for one that does not load.
 * @throws `bad_model` when the starter model does not load either
 */
export async function openLiveModel({ wanted, open, tidy, log }: LiveModelOptions): Promise<LiveModel> {
  let version = await wanted();
  let current: OpenModel;
  try {
    current = await open(version);
  } catch (error) {
    if (version === undefined) throw error;
    logError(log, error, 'load the live model; the starter model answers instead', { model: version });
    version = undefined;
    current = await open(undefined);
  }
  const clear = () => tidy?.().catch((error: unknown) => logError(log, error, 'delete models that are not used any more'));
  await clear();
  let failed: string | undefined;
  let checking: Promise<void> | undefined;
  let again = false;
  let disposed = false;
  let broken = false;

  const swap = async () => {
    const next = await wanted();
    if ((next === version && !broken) || disposed) return;
    let opened: OpenModel;
    try {
      opened = await open(next);
    } catch (error) {
      // Said once for each model: it is tried again at every look.
      if (failed !== (next ?? 'starter')) logError(log, error, 'load the new model; the old one stays', { model: next ?? 'starter' });
      failed = next ?? 'starter';
      return;
    }
    if (disposed) return opened.classifier.dispose();
    const old = current;
    current = opened;
    version = next;
    failed = undefined;
    broken = false;
    log.info({ model: opened.classifier.version, before: old.classifier.version }, 'A new model is live');
    // Messages that came before the swap are still answered by it: dispose waits for them.
    await old.classifier.dispose();
    await clear();
  };
  const look = async () => {
    do {
      again = false;
      await swap().catch((error: unknown) => logError(log, error, 'look for a new model'));
    } while (again);
    checking = undefined;
  };

  const check = () => {
    again = true;
    checking ??= look();
    return checking;
  };

  return {
    get version() {
      return current.classifier.version;
    },
    get labels() {
      return current.classifier.labels;
    },
    get metrics() {
      return current.metrics;
    },
    get createdAt() {
      return current.createdAt;
    },
    async classify(texts) {
      const asked = current;
      try {
        return await asked.classifier.classify(texts);
      } catch (error) {
        // Its thread has ended, out of memory perhaps: the same model is opened anew.
        if (error instanceof TicketwiseError && error.code === 'bad_model' && asked === current) {
          broken = true;
          void check();
        }
        throw error;
      }
    },
    check,
    async dispose() {
      disposed = true;
      await checking;
      await current.classifier.dispose();
    },
  };
}
