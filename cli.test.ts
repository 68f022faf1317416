import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseArguments } from './cli.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-cli-'));
  await writeFile(path.join(dir, '.env'), 'FROM_FILE=file\nFROM_BOTH=file\n');
});
afterAll(() => rm(dir, { recursive: true }));

const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/**
 * Runs a few lines in a process of their own, with `shell` below a shell; at each line that it prints, `signal` is sent, or
 * with `hangUp` nobody reads on.
 */
async function run(
  code: string,
  {
    cwd = tmpdir(),
    signal,
    hangUp = false,
    shell = false,
  }: { cwd?: string; signal?: NodeJS.Signals; hangUp?: boolean; shell?: boolean } = {},
) {
  const script = `
    const { runCommand, readEnvFile, abortOnSignals } = await import(${here('./cli.ts')});
    const { openLog } = await import(${here('./log.ts')});
    const { TicketwiseError } = await import(${here('./errors.ts')});
    ${code}`;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script];
  const [command, ...rest] = shell ? ['sh', '-c', '"$0" "$@"; exit', process.execPath, ...args] : [process.execPath, ...args];
  const child = spawn(command, rest, { cwd, env: { ...process.env, FROM_BOTH: 'environment' } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    if (signal !== undefined) child.kill(signal);
    if (hangUp) child.stdout.destroy();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [exitCode, killed] = await once(child, 'close');
  return { code: killed ?? exitCode, stdout, stderr };
}

describe('parseArguments', () => {
  const options = { model: { type: 'string' }, json: { type: 'boolean', default: false } } as const;

  it('takes options and words', () => {
    const { values, positionals } = parseArguments(['--model', 'a', 'where', 'is', 'it', '--json'], options, 'usage');
    expect([{ ...values }, positionals]).toEqual([{ model: 'a', json: true }, ['where', 'is', 'it']]);
  });

  it('takes words that look like options after --', () => {
    expect(parseArguments(['--', '--json'], options, 'usage').positionals).toEqual(['--json']);
  });

  it.each([[['--modle', 'a']], [['--model']], [['--json=yes']], [['-x']]])('refuses %j and says what it takes', (args) => {
    const message = expect.stringMatching(/\nUsage: npm run classify$/);
    expect(() => parseArguments(args, options, 'npm run classify')).toThrow(expect.objectContaining({ code: 'bad_usage', message }));
  });
});

describe('runCommand', () => {
  it.each([
    ['ends well', 'process.stdout.write("done")', { code: 0, stdout: 'done', stderr: '' }],
    [
      'tells an error for a person in its own words',
      'throw new TicketwiseError("bad_data", "No rows.")',
      { code: 1, stderr: 'Error: No rows.\n' },
    ],
    ['keeps the stack of a defect', 'throw new TypeError("oops")', { code: 1, stderr: expect.stringMatching(/^TypeError: oops\n {4}at /) }],
    ['takes whatever is thrown', 'throw "just this"', { code: 1, stderr: 'just this\n' }],
  ])('%s', async (_, body, result) => {
    expect(await run(`await runCommand(async () => { ${body} })`)).toMatchObject(result);
  });
});

it('ends quietly when nobody reads its output any more', async () => {
  const print = `await runCommand(async () => { for (;;) { process.stdout.write('a line\\n'.repeat(1000)); await new Promise(setImmediate); } })`;
  expect(await run(print, { hangUp: true })).toMatchObject({ code: 0, stderr: '' });
});

describe('readEnvFile', () => {
  const print = 'readEnvFile(); process.stdout.write([process.env.FROM_FILE, process.env.FROM_BOTH].join())';

  it('reads .env, and lets the environment go before it', async () => {
    expect(await run(print, { cwd: dir })).toMatchObject({ code: 0, stdout: 'file,environment' });
  });

  it('does not need one', async () => {
    expect(await run(print, {})).toMatchObject({ stdout: ',environment' });
  });
});

describe('abortOnSignals', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s aborts at first, and what is under way can end', async (signal) => {
    const wait = `
      const signal = abortOnSignals();
      const alive = setInterval(() => {}, 1000);
      signal.onabort = () => { process.stderr.write(signal.reason.message); clearInterval(alive); };
      process.stdout.write('ready');`;
    expect(await run(wait, { signal })).toEqual({ code: 0, stdout: 'ready', stderr: signal });
  });

  it.skipIf(process.platform === 'win32')('aborts when the shell dies that npm put between', async () => {
    const wait = `
      const signal = abortOnSignals(true);
      const alive = setInterval(() => {}, 1000);
      signal.onabort = () => { process.stdout.write(signal.reason.message); clearInterval(alive); };
      process.kill(process.ppid);`;
    expect((await run(wait, { shell: true })).stdout).toBe('the parent process ended');
  });

  it('ends the process at once the second time', async () => {
    const stay = `
      const signal = abortOnSignals();
      signal.onabort = () => process.stdout.write('still here');
      setInterval(() => {}, 1000);
      process.stdout.write('ready ');`;
    expect(await run(stay, { signal: 'SIGTERM' })).toMatchObject({ code: 130, stdout: 'ready still here' });
  });
});

describe('openLog', () => {
  const log = `
    log.info({ channel: 'C1', text: 'secret 1', ticket: { id: 7, text: 'secret 2' }, body: { event: { text: 'secret 3' } } }, 'Stored');
    log.debug('not at this level');
    log.warn({ token: 'secret 4', slack: { token: 'secret 5' } }, 'Connected');`;

  it('writes JSON lines to standard error, without any text of a message or token', async () => {
    const { stdout, stderr } = await run(`const log = openLog('info', false); ${log}`);
    expect(stdout).toBe('');
    expect(stderr).not.toContain('secret');
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { level: 30, msg: 'Stored', channel: 'C1', ticket: { id: 7 }, body: { event: {} } },
      { level: 40, msg: 'Connected' },
    ]);
    expect(lines).toHaveLength(2);
  });

  it('is readable in a terminal, and says as little', async () => {
    const { stdout, stderr } = await run(`const log = openLog('info', true); ${log}`);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/INFO.*Stored[\s\S]*channel: "C1"[\s\S]*WARN.*Connected/);
    expect(stderr).not.toContain('secret');
  });

  it('is silent where that is asked', async () => {
    expect(await run(`const log = openLog('silent', false); ${log}`)).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
