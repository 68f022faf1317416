import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArguments } from '../../cli.ts';
import { TicketwiseError } from '../../errors.ts';
import { currentCommit, describeMachine } from '../build.ts';
import { readRecipe } from '../commands/read-recipe.ts';
import { STARTER } from '../sources.ts';
import { benchMemory, measureShape } from './memory.ts';
import { type Part, writeDocument, writeRecord } from './record.ts';
import { benchServe } from './serve.ts';
import { SHAPES, type ShapeName } from './shapes.ts';
import { type Finding, formatText } from './table.ts';
import { benchTrain } from './train.ts';

const USAGE = `npm run bench -- [serve|train|memory] [OPTIONS]
  serve    [--model DIR] [--rounds N]                   classification and the bot (the default part)
  train    [--rounds N] [--steps N] [--repeats N] [--base NAME|PATH] [--banking77 PATH] [--recipe NAME|FILE.json]
                                                        our training beside PyTorch's; --steps 0 leaves Banking77 out
  memory   [--steps N] [--shape ${Object.keys(SHAPES).join('|')} --length N]
                                                        speed and memory of training, or of one shape as JSON
  --write  puts the tables into docs/benchmarks.md
PYTHON names the Python that has PyTorch and transformers (default python3).`;

/** What the environment says where an option is absent. */
export type BenchDefaults = {
  base: string | undefined;
  banking77: string | undefined;
  model: string | undefined;
  databaseUrl: string | undefined;
  /** program that runs the peer */
  python: string | undefined;
  /** for the processes that are started */
  env: Record<string, string | undefined>;
};

/** Work beside ours, in processes waiting, from which figures are not worth keeping. */
const BUSY = 0.5;

/** `npm run bench`: measures a part of the project, prints tables and keeps the figures in `results/bench`. */
export async function benchCommand(args: string[], defaults: BenchDefaults, signal: AbortSignal): Promise<void> {
  const { values, positionals } = parseArguments(
    args,
    {
      write: { type: 'boolean', default: false },
      model: { type: 'string' },
      rounds: { type: 'string' },
      steps: { type: 'string' },
      repeats: { type: 'string' },
      base: { type: 'string' },
      banking77: { type: 'string' },
      recipe: { type: 'string' },
      shape: { type: 'string' },
      length: { type: 'string' },
    },
    USAGE,
  );
  const part = parsePart(positionals);
  const number = (option: 'rounds' | 'steps' | 'repeats' | 'length', fallback: number, least = 1) =>
    parseCount(values[option], `--${option}`, fallback, least);
  if (part === 'memory' && (values.shape !== undefined || values.length !== undefined)) {
    const one = await measureShape(parseShape(values.shape), number('length', 16), number('steps', 8), signal);
    process.stdout.write(`${JSON.stringify(one)}\n`);
    return;
  }
  const measure = async (): Promise<Finding> => {
    const { python, databaseUrl, env } = defaults;
    if (part === 'serve')
      return benchServe({
        model: values.model ?? defaults.model ?? STARTER,
        rounds: number('rounds', 10),
        python,
        databaseUrl,
        env,
        signal,
      });
    if (part === 'memory') return benchMemory({ steps: number('steps', 8), signal });
    return benchTrain({
      base: values.base ?? defaults.base,
      banking77: values.banking77 ?? defaults.banking77,
      recipe: await readRecipe(values.recipe, undefined),
      rounds: number('rounds', 5),
      steps: number('steps', 150, 0),
      repeats: number('repeats', 1),
      python,
      signal,
    });
  };
  const [began, load, commit] = [new Date().toISOString(), loadavg()[0] ?? 0, await currentCommit()];
  const { tables, figures } = await measure();
  const command = `npm run bench -- ${[part, ...args.filter((arg) => arg !== part && arg !== '--write')].join(' ')}`;
  const record = { part, command, measuredAt: began, commit, machine: describeMachine(), load, figures };
  const file = await writeRecord(record);
  if (values.write) await writeDocument(record, tables);
  const busy = load < BUSY ? '' : `\nThe machine was busy when this began (load ${load.toFixed(1)}): measure again before you quote it.`;
  process.stdout.write(`${tables.map(formatText).join('\n\n')}\n\n${record.machine}; ${path.relative('.', file)}${busy}\n`);
}

function parsePart(positionals: string[]): Part {
  const [part = 'serve', ...more] = positionals;
  if ((part !== 'serve' && part !== 'train' && part !== 'memory') || more.length > 0)
    throw new TicketwiseError('bad_usage', `Unexpected "${positionals.join(' ')}".\nUsage: ${USAGE}`);
  return part;
}

function parseShape(given: string | undefined): ShapeName {
  const name = (Object.keys(SHAPES) as ShapeName[]).find((shape) => shape === given);
  if (name === undefined)
    throw new TicketwiseError('bad_usage', `--shape is "${given ?? ''}"; expected ${Object.keys(SHAPES).join(' or ')}.\nUsage: ${USAGE}`);
  return name;
}

function parseCount(given: string | undefined, option: string, fallback: number, least: number): number {
  const value = given === undefined ? fallback : Number(given);
  if (!Number.isInteger(value) || value < least)
    throw new TicketwiseError('bad_usage', `${option} is "${given}"; expected a whole number from ${least}.\nUsage: ${USAGE}`);
  return value;
}
