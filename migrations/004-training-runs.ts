import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table training_runs (
      id uuid primary key,
      team_id text not null,
      requested_by text not null,
      channel_id text not null,
      message_ts text,
      state text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed')),
      progress jsonb,
      result jsonb,
      model_version text,
      promoted boolean,
      reason text,
      error text check ((error is not null) = (state = 'failed')),
      created_at timestamptz not null default now(),
      started_at timestamptz,
      heartbeat_at timestamptz,
      ended_at timestamptz check ((ended_at is not null) = (state in ('succeeded', 'failed'))),
      announced_at timestamptz
    )`.execute(db);
  await sql`create index training_runs_active on training_runs (team_id) where ended_at is null`.execute(db);
  await sql`create index training_runs_unannounced on training_runs (team_id) where ended_at is not null and announced_at is null`.execute(
    db,
  );
}
