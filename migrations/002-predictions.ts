import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table predictions (
      id bigint generated always as identity primary key,
      team_id text not null,
      ticket_id bigint not null references tickets on delete cascade,
      model_version text not null,
      category text not null,
      category_probability double precision not null,
      priority text not null,
      priority_probability double precision not null,
      intent text not null,
      intent_probability double precision not null,
      categories jsonb not null,
      priorities jsonb not null,
      intents jsonb not null,
      chatter double precision not null,
      created_at timestamptz not null default now(),
      unique (ticket_id, model_version)
    )`.execute(db);
}
