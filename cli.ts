import { type ParseArgsConfig, parseArgs } from 'node:util';
import { messageOf, TicketwiseError } from './errors.ts';

/**
 * Runs a command of a `main.ts`. An error for a person is one message on standard error; a defect keeps its stack trace.
 * Either ends in exit code 1. A reader that has enough, such as `head`, ends the command quietly.
 */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    await command();
  } catch (error) {
    process.stderr.write(
      `${error instanceof TicketwiseError ? `Error: ${error.message}` : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}

/** Reads `.env` where there is one; what the environment sets already goes before it. */
export function readEnvFile(): void {
  try {
    process.loadEnvFile();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/**
 * Parses the arguments of a command strictly.
 * @param usage what the command takes, shown when it is given something else
 * @throws `bad_usage`
 */
export function parseArguments<T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T, usage: string) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new TicketwiseError('bad_usage', `${messageOf(cause)}\nUsage: ${usage}`, { cause });
  }
}

/** How often it is looked whether the parent lives, in ms. */
const WATCH = 500;

/**
 * A signal that SIGINT and SIGTERM abort; the second one ends the process at once.
 * @param withParent the death of the parent aborts it too, see {@link onParentDeath}. Default false
 */
export function abortOnSignals(withParent = false): AbortSignal {
  const controller = new AbortController();
  const abort = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error(signal));
  };
  process.on('SIGINT', abort).on('SIGTERM', abort);
  if (withParent) onParentDeath(() => controller.abort(new Error('the parent process ended')));
  return controller.signal;
}

/**
 * Calls back once when the parent process has ended: npm passes SIGTERM to the shell between it and a script, which dies of
 * it without a word to the script. To be used under npm alone: elsewhere a process may well outlive its parent.
 */
export function onParentDeath(onDeath: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onDeath();
  }, WATCH).unref();
}
