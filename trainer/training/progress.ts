import { z } from 'zod';

export const progressSchema = z.strictObject({
  step: z.number().int().positive(),
  steps: z.number().int().positive(),
  epoch: z.number().int().positive(),
  loss: z.number(),
  learningRate: z.number(),
  gradientNorm: z.number(),
  /** spent on the steps so far, in every sitting */
  seconds: z.number().nonnegative(),
  /** tokens without padding */
  tokensPerSecond: z.number().nonnegative(),
  secondsLeft: z.number(),
});

/** Where training stands after a step. */
export type TrainingProgress = z.infer<typeof progressSchema>;
