import { CamelCasePlugin, Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { messageOf, TicketwiseError } from '../errors.ts';
import type { Database } from './tables.ts';

export type Db = Kysely<Database>;

/** How long a connection may take, in ms: an address that swallows packets is an error, not a hang. */
const CONNECT_MS = 5_000;

/**
 * Opens the database; its connections are made as queries need them, and closed by `db.destroy()`.
 * A query that gets no connection throws `unreachable`, naming the host and what to do.
 */
export function openDatabase(url: string): Db {
  const pool = openPool(url, 10);
  return new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
}

/** What {@link openPool} gives of a pool. */
export type Pool = {
  connect(): Promise<pg.PoolClient>;
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
  end(): Promise<void>;
};

/**
 * A pool whose failure to connect is an `unreachable` error.
 * @param max connections at most
 */
export function openPool(url: string, max: number): Pool {
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
  return {
    connect,
    async query(text, values) {
      const client = await connect();
      try {
        const result = await client.query(text, values);
        client.release();
        return result;
      } catch (error) {
        // The text may have begun a transaction (pg-boss sends whole ones): its connection is of no more use.
        client.release(true);
        throw error;
      }
    },
    end: () => pool.end(),
  };
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
