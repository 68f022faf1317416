import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table run_plots (
      team_id text not null,
      run_id uuid not null references training_runs on delete cascade,
      place integer not null,
      name text not null,
      title text not null,
      png bytea not null,
      primary key (run_id, place)
    )`.execute(db);
  // Pictures do not compress.
  await sql`alter table run_plots alter column png set storage external`.execute(db);
}
