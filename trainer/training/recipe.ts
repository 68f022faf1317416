import { z } from 'zod';
import { TicketwiseError } from '../../errors.ts';
import { shapeSchema } from '../network/bert-config.ts';

const distillation = z.strictObject({
  /** share of the intent loss that follows the teachers instead of the label */
  share: z.number().min(0).max(1),
  /** variants of each message, which follow the teachers alone */
  variants: z.number().int().min(0).max(16),
});

const schema = z.strictObject({
  /** passes over the data */
  epochs: z.number().int().min(1).max(100),
  /** messages in a batch; long messages make smaller ones, see `batchTokens` */
  batchSize: z.number().int().min(1).max(1024),
  /** most tokens in a batch, padding included: bounds the memory */
  batchTokens: z.number().int().min(64).max(65_536),
  /** peak learning rate of the encoder */
  learningRate: z.number().positive().max(0.1),
  /** learning rate of the heads, as a multiple */
  headRate: z.number().positive().max(100),
  /** learning rate of each layer, as a multiple of the layer above it */
  layerDecay: z.number().positive().max(1),
  /** share of the steps in which the rate rises to its peak, before it falls to 0 in a line */
  warmUp: z.number().min(0).max(1),
  weightDecay: z.number().min(0).max(1),
  dropout: z.number().min(0).max(0.9),
  /** largest norm of the gradient */
  clip: z.number().positive(),
  /** tokens a message is cut to */
  maxTokens: z.number().int().min(8).max(512),
  // `pooling` and `head`, the network's shape
  ...shapeSchema.shape,
  /** share of the loss that spreads over all classes (Szegedy et al., 2016) */
  labelSmoothing: z.number().min(0).max(0.5),
  /** how a student learns from its teachers; absent: it has none */
  distillation: distillation.optional(),
  /** weight of the priority loss beside the intent loss */
  priorityWeight: z.number().min(0).max(10),
  /** weight of the loss of the category, the sum of its intents, beside the intent loss */
  categoryWeight: z.number().min(0).max(10),
  /** how often a row of each source counts, against a row of Banking77 */
  sourceWeights: z.strictObject({
    banking77: z.number().min(0),
    seed: z.number().min(0),
    feedback: z.number().min(0),
    import: z.number().min(0),
  }),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31),
});

/** Everything that training depends on beside data and base. */
export type Recipe = z.infer<typeof schema>;

/** What one training does with all there is to learn from; docs/recipe.md says how it was chosen. */
export const DEFAULT_RECIPE: Recipe = {
  epochs: 8,
  batchSize: 32,
  batchTokens: 2048,
  learningRate: 2e-4,
  headRate: 1,
  layerDecay: 0.85,
  warmUp: 0.1,
  weightDecay: 0.01,
  dropout: 0.1,
  clip: 1,
  maxTokens: 128,
  pooling: 'attention',
  head: 'cosine',
  labelSmoothing: 0,
  priorityWeight: 0.5,
  categoryWeight: 1,
  sourceWeights: { banking77: 1, seed: 1, feedback: 3, import: 1 },
  seed: 1,
};

/** The default on Banking77 alone: what figures of other models on it are to be set beside. */
export const BANKING77_RECIPE: Recipe = { ...DEFAULT_RECIPE, sourceWeights: { ...DEFAULT_RECIPE.sourceWeights, seed: 0, import: 0 } };

/**
 * Banking77 alone, in minutes: what scores 93 % soonest on two cores. Larger batches, whose messages cost less each, and
 * fewer passes at a higher rate.
 */
export const QUICK_RECIPE: Recipe = {
  ...BANKING77_RECIPE,
  epochs: 3,
  batchSize: 64,
  learningRate: 4e-4,
  layerDecay: 1,
};

/** How a student learns from its teachers where the recipe does not say. */
export const DISTILLATION: NonNullable<Recipe['distillation']> = { share: 0.5, variants: 2 };

/** One of several that are to teach another: they need not be at their best, since they err on different messages. */
export const TEACHER_RECIPE: Recipe = { ...DEFAULT_RECIPE, epochs: 3, batchSize: 64, learningRate: 4e-4 };

/** The shipped model's: a student that begins at its teachers' average. */
export const STUDENT_RECIPE: Recipe = { ...TEACHER_RECIPE, learningRate: 2e-4, distillation: DISTILLATION };

/** Recipes by the name that `--recipe` takes. */
export const RECIPES: Readonly<Record<string, Recipe>> = {
  default: DEFAULT_RECIPE,
  banking77: BANKING77_RECIPE,
  quick: QUICK_RECIPE,
  teacher: TEACHER_RECIPE,
  student: STUDENT_RECIPE,
};

/**
 * Completes a partial recipe with the default.
 * @throws `bad_usage` on an unknown key or a value out of range
 */
export function parseRecipe(json: unknown, from: string, base: Recipe = DEFAULT_RECIPE): Recipe {
  const given = z.record(z.string(), z.unknown()).safeParse(json);
  const parsed = schema.safeParse({ ...base, ...(given.success ? given.data : {}) });
  if (!given.success || !parsed.success)
    throw new TicketwiseError(
      'bad_usage',
      `${from} is no recipe:\n${z.prettifyError((given.success ? parsed.error : given.error) as z.ZodError)}\nKnown keys: ${Object.keys(schema.shape).join(', ')}.`,
    );
  return parsed.data;
}

/** What the recipes in manifests, of whatever age, count the sources for; of several, the most that any does. */
export function sourceWeightsOf(...recipes: unknown[]): Recipe['sourceWeights'] {
  const known = z.object({ sourceWeights: z.record(z.string(), z.number()) });
  const all = recipes.map((recipe) => ({ ...DEFAULT_RECIPE.sourceWeights, ...known.safeParse(recipe).data?.sourceWeights }));
  const most = (source: keyof Recipe['sourceWeights']) => Math.max(...all.map((weights) => weights[source]));
  return { banking77: most('banking77'), seed: most('seed'), feedback: most('feedback'), import: most('import') };
}

/** The learning rate at a step, 0 to `steps` - 1, as a share of its peak: a line up, a line down to 0. */
export function rateAt(step: number, steps: number, warmUp: number): number {
  const rising = Math.round(steps * warmUp);
  if (step < rising) return (step + 1) / rising;
  return (steps - step) / Math.max(1, steps - rising);
}
