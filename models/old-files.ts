import { sql } from 'kysely';
import { type Db, inTransaction } from '../db/database.ts';
import { liveVersion, rollbackTargets, takeTurn } from '../db/models.ts';
import { holdFiles } from './registry.ts';

/**
 * Drops the files of a team's models that neither are live nor could be gone back to, whose training has ended, and the bytes
 * that no other version, of whatever team, has. Their rows stay, with manifest and figures.
 * @returns the versions whose files were dropped
 */
export function dropOldFiles(db: Db, teamId: string): Promise<string[]> {
  return inTransaction(db, async (trx) => {
    await takeTurn(trx, teamId);
    await holdFiles(trx, 'exclusive');
    const kept = [await liveVersion(trx, teamId), ...(await rollbackTargets(trx, teamId))].filter((version) => version != null);
    const dropped = await trx
      .deleteFrom('modelFiles as file')
      .where('teamId', '=', teamId)
      .where(sql<boolean>`file.version <> all(${kept}::text[])`)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('modelVersions as model')
              .innerJoin('trainingRuns as run', 'run.id', 'model.runId')
              .select('run.id')
              .whereRef('model.teamId', '=', 'file.teamId')
              .whereRef('model.version', '=', 'file.version')
              .where('run.endedAt', 'is', null),
          ),
        ),
      )
      .returning(['file.version', 'file.sha256'])
      .execute();
    if (dropped.length === 0) return [];
    await trx
      .deleteFrom('modelBlobs as blob')
      .where('sha256', 'in', [...new Set(dropped.map(({ sha256 }) => sha256))])
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('modelFiles as file').select('file.path').whereRef('file.sha256', '=', 'blob.sha256'))),
      )
      .execute();
    return [...new Set(dropped.map(({ version }) => version))].sort();
  });
}
