import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArguments } from '../../cli.ts';
import { TicketwiseError } from '../../errors.ts';
import { currentCommit, describeMachine } from '../build.ts';
import { STARTER } from '../sources.ts';
import { type Part, writeDocument, writeRecord } from './record.ts';
import { benchServe } from './serve.ts';
import { type Finding, formatText } from './table.ts';

const USAGE = `npm run bench -- [serve|train|memory] [--write]
  serve    [--model DIR] [--rounds N]                      classification and the bot (the default)`;

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
    },
    USAGE,
  );
  const part = parsePart(positionals);
  const [began, load, commit] = [new Date().toISOString(), loadavg()[0] ?? 0, await currentCommit()];
  const finding = await measure();
  const record = {
    part,
    command: `npm run bench${args.length === 0 ? '' : ` -- ${args.join(' ')}`}`,
    measuredAt: began,
    commit,
    machine: describeMachine(),
    load,
    figures: finding.figures,
  };
  const file = await writeRecord(record);
  if (values.write) await writeDocument(record, finding.tables);
  const busy = load < BUSY ? '' : `\nThe machine was busy when this began (load ${load.toFixed(1)}): measure again before you quote it.`;
  process.stdout.write(`${finding.tables.map(formatText).join('\n\n')}\n\n${record.machine}; ${path.relative('.', file)}${busy}\n`);

  function measure(): Promise<Finding> {
    const { model, databaseUrl, python, env } = defaults;
    switch (part) {
      case 'serve':
        return benchServe({
          model: values.model ?? model ?? STARTER,
          rounds: count(values.rounds, '--rounds', 10),
          python,
          databaseUrl,
          env,
          signal,
        });
      default:
        throw new TicketwiseError('bad_usage', `"${part}" is not there.\nUsage: ${USAGE}`);
    }
  }
}

function parsePart(positionals: string[]): Part {
  const [part = 'serve', ...more] = positionals;
  if ((part !== 'serve' && part !== 'train' && part !== 'memory') || more.length > 0)
    throw new TicketwiseError('bad_usage', `Unexpected "${positionals.join(' ')}".\nUsage: ${USAGE}`);
  return part;
}

function count(given: string | undefined, option: string, fallback: number): number {
  const value = given === undefined ? fallback : Number(given);
  if (!Number.isInteger(value) || value < 1)
    throw new TicketwiseError('bad_usage', `${option} is "${given}"; expected a whole number from 1.\nUsage: ${USAGE}`);
  return value;
}
