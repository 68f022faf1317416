import { CamelCasePlugin, Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { messageOf, TicketwiseError } from '../errors.ts';
import type { Database } from './tables.ts';

export type Db = Kysely<Database>;

/** How long a connection may take, in ms: an address that swallows packets is an error, not a hang. */
const CONNECT_MS = 5_000;

/**
 * A pool of connections, opened as queries need them; close it with `db.destroy()`.
 * A query that gets no connection throws `unreachable`, naming the host and what to do.
 * @param max connections at most
 */
export function openDatabase(url: string, max = 10): Db {
  const pool = new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    max,
    application_name: 'ticketwise',
    types: { getTypeParser },
  });
  // An idle connection that breaks is replaced by the next query, which reports it if it cannot be.
  pool.on('error', () => {});
  const connect = () =>
    pool.connect().catch((cause: unknown) => {
      throw databaseUnreachable(url, cause);
    });
  return new Kysely<Database>({
    dialect: new PostgresDialect({ pool: { connect, end: () => pool.end() } }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
}

/**
 * Asks the database for a sign of life.
 * @throws `unreachable` when there is no connection to it within 5 s
 */
export async function checkDatabase(db: Db): Promise<void> {
  await sql`select 1`.execute(db);
}

/** Runs `work` in a transaction: the caller's when `db` is one. */
export function inTransaction<T>(db: Db, work: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db as Transaction<Database>) : db.transaction().execute(work);
}

/** The error of a database that cannot be used. The URL's password never shows in it. */
export function databaseUnreachable(url: string, cause: unknown): TicketwiseError {
  const { host, pathname } = new URL(url);
  const why = cause instanceof AggregateError ? cause.errors.map(messageOf).join('; ') : messageOf(cause);
  return new TicketwiseError(
    'unreachable',
    `No connection to the PostgreSQL database ${pathname.slice(1) || 'postgres'} at ${host}: ${why}. Check DATABASE_URL, and that the server runs.`,
    { cause },
  );
}

/** bigint (ids, counts) as a number: exact up to 2^53. */
function getTypeParser(...[oid, format]: Parameters<typeof pg.types.getTypeParser>): ReturnType<typeof pg.types.getTypeParser> {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);
}
