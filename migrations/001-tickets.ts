import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table tickets (
      id bigint generated always as identity primary key,
      team_id text not null,
      channel_id text not null,
      ts text not null,
      user_id text not null,
      text text not null,
      reply_ts text,
      closed text check (closed in ('too_long', 'chatter')),
      created_at timestamptz not null default now(),
      unique (team_id, channel_id, ts)
    )`.execute(db);
  await sql`create unique index tickets_reply on tickets (team_id, channel_id, reply_ts) where reply_ts is not null`.execute(db);
  await sql`create index tickets_awaiting_reply on tickets (team_id, created_at) where reply_ts is null and closed is null`.execute(db);
}
