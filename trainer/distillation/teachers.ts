import { setImmediate } from 'node:timers/promises';
import type { Row } from '../../data/row.ts';
import { TicketwiseError } from '../../errors.ts';
import { type Labels, sameClasses } from '../../labels.ts';
import { softmax } from '../../models/classifier.ts';
import { openInference } from '../../models/inference.ts';
import type { Teacher } from '../training/examples.ts';
import { seededRandom } from '../training/random.ts';
import { DISTILLATION, type Recipe } from '../training/recipe.ts';
import { varyMessage } from './variants.ts';

/** Messages that a teacher answers to before anything else has its turn. */
const AT_ONCE = 500;

/** What a student learns from beside the labels. */
export type Lessons = {
  /** the messages, and after them their variants, which have no label */
  rows: Row[];
  teacher: Teacher;
  /** versions of the models that teach */
  teachers: string[];
};

export type TeachOptions = {
  labels: Labels;
  recipe: Pick<Recipe, 'distillation' | 'sourceWeights' | 'seed'>;
  threads: number;
  /** stops it within some hundred messages. Default: nothing does */
  signal?: AbortSignal;
  /** told before each teacher is asked */
  onTeacher?: (dir: string, messages: number) => void;
};

/**
 * Has models answer to messages and to variants of them, so that one student learns what several know together
 * ("Distilling the knowledge in a neural network", Hinton et al., 2015). Their answer is the mean of their calibrated
 * probabilities ("Simple and scalable predictive uncertainty estimation", Lakshminarayanan et al., 2017). What a team
 * corrected they are not asked: there they are known to be wrong.
 * @param dirs folders of the teachers, one or more
 * @throws `bad_usage` when one was trained for another taxonomy; `bad_model` when one is damaged; `interrupted` when the signal stops it
 */
export async function teach(rows: readonly Row[], dirs: readonly string[], options: TeachOptions): Promise<Lessons> {
  const { labels, recipe, threads, signal, onTeacher } = options;
  const taught = rows.filter(({ source }) => source !== 'feedback' && recipe.sourceWeights[source] > 0);
  const variants = variantsOf(taught, recipe.distillation?.variants ?? 0, recipe.seed);
  const texts = [...new Set([...taught, ...variants].map(({ text }) => text))];
  const width = labels.intents.length;
  const mean = new Float32Array(texts.length * width);
  const teachers: string[] = [];
  for (const dir of dirs) {
    onTeacher?.(dir, texts.length);
    const inference = await openInference(dir, { threads });
    try {
      const { manifest, version } = inference.folder;
      if (!sameClasses(manifest.labels.intents, labels.intents))
        throw new TicketwiseError('bad_usage', `${dir} cannot teach: it was trained for another taxonomy. Train it again.`);
      teachers.push(version);
      for (let start = 0; start < texts.length; start += AT_ONCE) {
        const outputs = await inference.run(texts.slice(start, start + AT_ONCE));
        for (const [i, { intents }] of outputs.entries())
          for (const [k, probability] of softmax(intents, manifest.temperature.intent).entries()) {
            const at = (start + i) * width + k;
            mean[at] = (mean[at] ?? 0) + probability / dirs.length;
          }
        await setImmediate(); // ONNX Runtime holds the thread: let signals and heartbeats in
        if (signal?.aborted)
          throw new TicketwiseError('interrupted', 'Stopped before the training began; nothing was written.', { cause: signal.reason });
      }
    } finally {
      await inference.dispose();
    }
  }
  const place = new Map(texts.map((text, i) => [text, i]));
  const teacher = (text: string) => {
    const i = place.get(text);
    return i === undefined ? undefined : mean.subarray(i * width, (i + 1) * width);
  };
  return { rows: [...rows, ...variants], teacher, teachers };
}

/**
 * A recipe as it is for these teachers: with the usual distillation where it names none.
 * @throws `bad_usage` when it names one and there is nobody to teach
 */
export function recipeWith(teachers: readonly string[] | undefined, recipe: Recipe): Recipe {
  if (teachers !== undefined) return { distillation: DISTILLATION, ...recipe };
  if (recipe.distillation === undefined) return recipe;
  throw new TicketwiseError('bad_usage', 'The recipe has a distillation, and there are no teachers. Name models with --teacher MODEL_DIR.');
}

/** Variants of each row, that none of the rows says already. */
function variantsOf(rows: readonly Row[], count: number, seed: number): Row[] {
  const random = seededRandom(seed);
  const known = new Set(rows.map(({ text }) => text));
  return Array.from({ length: count }, () =>
    rows.flatMap(({ text, source }) => {
      const other = rows[Math.floor(random() * rows.length)]?.text ?? '';
      const variant = varyMessage(text, other, random);
      if (known.has(variant)) return [];
      known.add(variant);
      return [{ text: variant, source }];
    }),
  ).flat();
}
