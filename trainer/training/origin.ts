import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DataSet } from '../../data/row.ts';
import type { Labels } from '../../labels.ts';
import type { Base } from '../sources.ts';
import type { Example } from './examples.ts';
import type { Recipe } from './recipe.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const originSchema = z.strictObject({
  recipe: z.looseObject({ learningRate: z.number() }),
  base: z.strictObject({ name: z.string(), sha256 }),
  labels: sha256,
  /** versions of the models whose answers were learnt, in their order; absent: of none */
  teachers: z.array(z.string()).optional(),
  data: z.array(z.strictObject({ name: z.string(), rows: z.number().int(), sha256 })),
  /** the messages as the network reads them: tokens, labels, weights */
  examples: z.strictObject({ count: z.number().int(), sha256 }),
});

/** All that the result of a training follows from. */
export type Origin = z.infer<typeof originSchema>;

/**
 * @param baseHash SHA-256 of the base's files
 * @param teachers versions of the models whose answers are learnt
 */
export function originOf(
  recipe: Recipe,
  base: Base,
  baseHash: string,
  labels: Labels,
  data: readonly DataSet[],
  examples: readonly Example[],
  teachers: readonly string[] = [],
): Origin {
  return {
    recipe,
    base: { name: base.name, sha256: baseHash },
    labels: hash(JSON.stringify(labels)),
    ...(teachers.length > 0 && { teachers: [...teachers] }),
    data: data.map(({ name, rows, sha256 }) => ({ name, rows: rows.length, sha256 })),
    examples: { count: examples.length, sha256: hashExamples(examples) },
  };
}

/**
 * What keeps a training from going on where another stopped, in words; nothing where it can. Of the recipe the learning rate
 * alone may change, and only fall: that is the way out of a training that diverged.
 */
export function differences(then: Origin, now: Origin): string[] {
  const keys = [...new Set([...Object.keys(then.recipe), ...Object.keys(now.recipe)])];
  const recipe = keys.flatMap((key) => {
    const [was, is] = [JSON.stringify(then.recipe[key]), JSON.stringify(now.recipe[key])];
    if (was === is || (key === 'learningRate' && now.recipe.learningRate < then.recipe.learningRate)) return [];
    return [`the recipe: ${key} was ${was ?? 'not there'} and is ${is ?? 'not there'}`];
  });
  const base = then.base.sha256 === now.base.sha256 ? [] : [`the base: it was ${named(then.base)} and is ${named(now.base)}`];
  const labels = then.labels === now.labels ? [] : ['the labels: data/taxonomy.json has changed'];
  const [taughtThen, taughtNow] = [then, now].map(({ teachers }) => teachers?.join(', ') ?? 'none');
  const teachers = taughtThen === taughtNow ? [] : [`the teachers: they were ${taughtThen} and are ${taughtNow}`];
  const names = [...new Set([...then.data, ...now.data].map(({ name }) => name))];
  const data = names.flatMap((name) => {
    const [was, is] = [then, now].map((origin) => origin.data.find((set) => set.name === name));
    if (was?.sha256 === is?.sha256) return [];
    const rows = (set: typeof was) => (set === undefined ? 'not there' : `${set.rows} rows (${set.sha256.slice(0, 12)}…)`);
    return [`the data: ${name} was ${rows(was)} and is ${rows(is)}`];
  });
  const known = [...recipe, ...base, ...labels, ...teachers, ...data];
  if (known.length > 0 || then.examples.sha256 === now.examples.sha256) return known;
  return [`the code: this version makes other examples of the same data (${then.examples.count}, now ${now.examples.count})`];
}

function named({ name, sha256 }: Origin['base']): string {
  return `${name} (${sha256.slice(0, 12)}…)`;
}

/** Of one after the other, since thousands of a teacher's answers make no string. */
function hashExamples(examples: readonly Example[]): string {
  const sum = createHash('sha256');
  for (const { teacher, ...example } of examples) {
    sum.update(JSON.stringify(example));
    if (teacher !== undefined) sum.update(new Uint8Array(teacher.buffer, teacher.byteOffset, teacher.byteLength));
  }
  return sum.digest('hex');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
