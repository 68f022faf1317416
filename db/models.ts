import { sql, type Transaction } from 'kysely';
import { TicketwiseError } from '../errors.ts';
import { type Db, inTransaction } from './database.ts';
import type { Database, Promotion } from './tables.ts';

/** PostgreSQL's channel on which a promotion is told; the payload is the team's id. */
export const LIVE_CHANNEL = 'ticketwise_live';

/** How many promotions can be taken back: the registry keeps the files of the models that those replaced. */
export const KEPT_PROMOTIONS = 5;

export type NewPromotion = {
  teamId: string;
  version: string;
  /** the decision in words: old and new figures */
  reason: string;
  runId: string | null;
  /** who or what decided */
  by: string;
};

/**
 * Makes a model live and tells the running bots, in one transaction. Promoting what is live already, or twice for one run,
 * does nothing.
 * @throws `not_found` when the registry has no such version, or no longer has its files
 */
export async function promote(db: Db, { teamId, version, reason, runId, by }: NewPromotion): Promise<void> {
  await inTransaction(db, async (trx) => {
    await takeTurn(trx, teamId);
    if (!(await storedVersions(trx, teamId)).has(version))
      throw new TicketwiseError(
        'not_found',
        `Model ${version} is not in the registry of workspace ${teamId}. Publish it before it goes live.`,
      );
    const previous = (await liveVersion(trx, teamId)) ?? null;
    if (previous === version) return;
    const stored = await trx
      .insertInto('promotions')
      .values({ teamId, version, previous, reason, runId, by })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (stored) await tell(trx, teamId);
  });
}

/** Version of the model that the team's bots serve; undefined is the starter model. */
export async function liveVersion(db: Db, teamId: string): Promise<string | undefined> {
  const newest = await db
    .selectFrom('promotions')
    .select('version')
    .where('teamId', '=', teamId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return newest?.version ?? undefined;
}

/**
 * Goes back to what was live before the newest promotion that still counts; called again, one further.
 * @returns the version that is live now; undefined is the starter model
 * @throws `not_found` when there is nothing to go back from, or the files of the model to go back to were dropped
 */
export function rollback(db: Db, teamId: string, by: string): Promise<string | undefined> {
  return inTransaction(db, async (trx) => {
    await takeTurn(trx, teamId);
    const [standing] = await standingPromotions(trx, teamId, 1);
    if (!standing) throw new TicketwiseError('not_found', 'The starter model is live: there is no promotion to go back from.');
    if (standing.previous !== null && !(await storedVersions(trx, teamId)).has(standing.previous))
      throw new TicketwiseError(
        'not_found',
        `${standing.previous} was live before ${standing.version}, but its files were dropped: the registry keeps those of the live model and of the ${KEPT_PROMOTIONS} before it. ${standing.version} stays live. Train a new model with /ticket retrain, or serve a folder with MODEL.`,
      );
    await trx
      .insertInto('promotions')
      .values({
        teamId,
        version: standing.previous,
        previous: standing.version,
        reason: `Rolled back: ${standing.version} had been promoted ${standing.at.toISOString()}`,
        by,
        undoes: standing.id,
      })
      .execute();
    await tell(trx, teamId);
    return standing.previous ?? undefined;
  });
}

/**
 * The versions that rollbacks would make live, one after the other; null is the starter model. Those whose files were
 * dropped are among them: see {@link storedVersions}.
 */
export async function rollbackTargets(db: Db, teamId: string, most = KEPT_PROMOTIONS): Promise<(string | null)[]> {
  return (await standingPromotions(db, teamId, most)).map(({ previous }) => previous);
}

/** The versions whose files the registry has. */
export async function storedVersions(db: Db, teamId: string): Promise<Set<string>> {
  const rows = await db.selectFrom('modelFiles').select('version').distinct().where('teamId', '=', teamId).execute();
  return new Set(rows.map(({ version }) => version));
}

/** What went live, newest first. */
export function listPromotions(db: Db, teamId: string, limit = 20): Promise<Promotion[]> {
  return db.selectFrom('promotions').selectAll().where('teamId', '=', teamId).orderBy('id', 'desc').limit(limit).execute();
}

/** Promotions that were not taken back, newest first. */
function standingPromotions(db: Db, teamId: string, most: number): Promise<Promotion[]> {
  return db
    .selectFrom('promotions as promotion')
    .selectAll()
    .where('teamId', '=', teamId)
    .where('undoes', 'is', null)
    .where((where) =>
      where.not(where.exists(where.selectFrom('promotions as undo').select('undo.id').whereRef('undo.undoes', '=', 'promotion.id'))),
    )
    .orderBy('id', 'desc')
    .limit(most)
    .execute();
}

/**
 * One promotion, rollback or dropping of files of a team at a time: a promotion names what was live before it, and nothing
 * goes live while its files are dropped.
 */
export async function takeTurn(trx: Transaction<Database>, teamId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${LIVE_CHANNEL}:${teamId}`}, 0))`.execute(trx);
}

async function tell(trx: Transaction<Database>, teamId: string): Promise<void> {
  await sql`select pg_notify(${LIVE_CHANNEL}, ${teamId})`.execute(trx);
}
