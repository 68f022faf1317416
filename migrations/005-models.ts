import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table model_versions (
      team_id text not null,
      version text not null,
      manifest jsonb not null,
      metrics jsonb not null,
      run_id uuid references training_runs,
      created_at timestamptz not null default now(),
      primary key (team_id, version)
    )`.execute(db);
  await sql`
    create table model_files (
      team_id text not null,
      version text not null,
      path text not null,
      sha256 text not null,
      bytes bigint not null,
      primary key (team_id, version, path),
      foreign key (team_id, version) references model_versions on delete cascade
    )`.execute(db);
  await sql`create index model_files_sha256 on model_files (sha256)`.execute(db);
  await sql`
    create table model_blobs (
      sha256 text not null,
      part integer not null,
      bytes bytea not null,
      primary key (sha256, part)
    )`.execute(db);
  // Weights do not compress; trying would cost seconds for each model.
  await sql`alter table model_blobs alter column bytes set storage external`.execute(db);
  await sql`
    create table promotions (
      id bigint generated always as identity primary key,
      team_id text not null,
      version text,
      previous text,
      reason text not null,
      run_id uuid references training_runs,
      by text not null,
      undoes bigint unique references promotions,
      at timestamptz not null default now(),
      foreign key (team_id, version) references model_versions
    )`.execute(db);
  await sql`create index promotions_team on promotions (team_id, id)`.execute(db);
  await sql`create unique index promotions_run on promotions (run_id) where undoes is null`.execute(db);
}
