import { createHash } from 'node:crypto';
import { z } from 'zod';
import { decisionsSchema } from './decisions.ts';

const label = z.strictObject({ id: z.string(), name: z.string(), description: z.string(), emoji: z.string() });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const manifestSchema = z.strictObject({
  format: z.literal(1),
  createdAt: z.iso.datetime(),
  /** checkpoint that training started from: a Hub name, or a folder's name */
  base: z.string(),
  /** commit of the code that trained it; null outside a git checkout */
  commit: z.string().nullable(),
  machine: z.string(),
  seed: z.number().int(),
  /** the recipe as it was resolved: every value that training depended on */
  recipe: z.record(z.string(), z.unknown()),
  data: z.array(z.strictObject({ name: z.string(), rows: z.number().int(), sha256 })),
  /** tokens a message is cut to, `[CLS]` and `[SEP]` included */
  maxTokens: z.number().int().min(8),
  /** softmax temperature of each head, fitted on held-out rows */
  temperature: z.strictObject({ intent: z.number().positive(), priority: z.number().positive() }),
  /** what answers are decided by, fitted on held-out rows; absent in older models, and where there were no such rows */
  decisions: decisionsSchema.optional(),
  labels: z.strictObject({
    categories: z.array(label),
    priorities: z.array(label),
    intents: z.array(z.strictObject({ id: z.string(), category: z.string().nullable(), priority: z.string() })),
  }),
  /** what evaluation measured, by data set; filled after the files are written */
  metrics: z.record(z.string(), z.unknown()),
  files: z.array(z.strictObject({ path: z.string().regex(/^\w[\w.-]*(\/\w[\w.-]*)*$/), sha256, bytes: z.number().int() })),
});

/** `manifest.json` of a model folder. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Names a model by what it answers: the hash of its files, labels, calibration and decisions, 12 hex digits. Metrics do not change it. */
export function versionOf(manifest: Manifest): string {
  const { files, labels, maxTokens, temperature, decisions } = manifest;
  const sorted = files.map(({ path, sha256 }) => [path, sha256]).sort();
  return createHash('sha256')
    .update(JSON.stringify([sorted, labels, maxTokens, temperature, ...(decisions === undefined ? [] : [decisions])]))
    .digest('hex')
    .slice(0, 12);
}
