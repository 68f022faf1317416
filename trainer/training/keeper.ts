import path from 'node:path';
import { messageOf, TicketwiseError } from '../../errors.ts';
import type { NamedArray } from '../network/safetensors.ts';
import type { Origin } from './origin.ts';
import type { TrainingProgress } from './progress.ts';
import { putInForce, type SavedState, writeArrays } from './state.ts';

/** Where and how the state of a training is kept. */
export type KeepOptions = {
  dir: string;
  origin: Origin;
  /** the state that training goes on from */
  from?: SavedState;
  /** what a person types to go on, for messages */
  command: string;
  /** share of the time that saving may take. Default 0.01 */
  share?: number;
  /** told, once, that a state could not be saved; training goes on */
  onTrouble: (error: unknown) => void;
};

/** What a state holds of a training between two steps. */
export type Moment = { arrays: ReadonlyMap<string, NamedArray>; random: number; history: readonly TrainingProgress[] };

export type Keeper = {
  /** After a good step: saves, if it is time to. */
  pass(moment: () => Promise<Moment>): Promise<void>;
  /** After the last step: saves, so that what writes the model may fail. */
  finish(moment: Moment): Promise<void>;
  /** Saves because of a stop. Returns the error that tells of it. */
  stop(moment: Moment, steps: number, reason: unknown): Promise<TicketwiseError>;
  /** The way out of a divergence, as the end of its message. */
  wayBack(learningRate: number): string;
};

/**
 * Saves the state of a training now and then, so often that it takes a small share of the time. A state comes into force
 * after one more good step: the parameters that a step leaves may give no loss at all, which only the next one tells.
 */
export function openKeeper({ dir, origin, from, command, share = 0.01, onTrouble }: KeepOptions): Keeper {
  const where = path.relative('.', dir);
  const earlierRates = from === undefined ? [] : ratesBefore(from, origin);
  let inForce = from?.history.length;
  let unproven: SavedState | undefined;
  let saved = Number.NEGATIVE_INFINITY;
  let cost = 0;
  let told = false;

  const write = ({ arrays, random, history }: Moment) => writeArrays(dir, arrays, { origin, random, history: [...history], earlierRates });
  const force = async (state: SavedState) => {
    await putInForce(dir, state);
    inForce = state.history.length;
  };
  const tolerate = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!told) onTrouble(error);
      told = true;
    }
  };

  return {
    pass: (moment) =>
      tolerate(async () => {
        const proven = unproven;
        unproven = undefined;
        if (proven !== undefined) await force(proven);
        const now = performance.now();
        if (now - saved < cost / share) return;
        try {
          unproven = await write(await moment());
        } finally {
          saved = performance.now();
          cost = saved - now;
        }
      }),
    finish: (moment) =>
      tolerate(async () => {
        if (moment.history.length !== inForce) await force(await write(moment));
      }),
    async stop(moment, steps, cause) {
      const stopped = `Training was stopped after step ${moment.history.length} of ${steps}`;
      try {
        await force(await write(moment));
      } catch (error) {
        const left = inForce === undefined ? 'Nothing of it is kept.' : `Kept is step ${inForce}; go on from there with\n  ${command}`;
        return new TicketwiseError('interrupted', `${stopped}, and could not be saved: ${messageOf(error)}\n${left}`, { cause: error });
      }
      return new TicketwiseError('interrupted', `${stopped}, and is kept in ${where}. Go on with\n  ${command}`, { cause });
    },
    wayBack(learningRate) {
      if (inForce === undefined)
        return `That was before any good weights could be kept: train anew with a lower learningRate (now ${learningRate}) or a higher warmUp.`;
      return `The last good weights, of step ${inForce}, are kept in ${where}. Go on from there with a lower learningRate (now ${learningRate}), for instance with\n  ${command} --learning-rate ${learningRate / 2}`;
    },
  };
}

/** The learning rates of a training so far, where it goes on at another. */
export function ratesBefore({ origin, history, earlierRates }: SavedState, now: Origin): SavedState['earlierRates'] {
  const { learningRate } = origin.recipe;
  return learningRate === now.recipe.learningRate ? earlierRates : [...earlierRates, { until: history.length, learningRate }];
}
