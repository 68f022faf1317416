import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table feedback (
      id bigint generated always as identity primary key,
      team_id text not null,
      ticket_id bigint not null references tickets on delete cascade,
      user_id text not null,
      kind text not null check (kind in ('category', 'priority', 'intent', 'verdict')),
      value text not null check (kind <> 'verdict' or value in ('right', 'wrong')),
      source text not null check (source in ('reaction', 'button', 'form')),
      item_ts text not null,
      action text not null check (action in ('set', 'retract')),
      event_ts numeric(16, 6) not null,
      replaces text,
      created_at timestamptz not null default now(),
      unique (ticket_id, user_id, kind, value, source, item_ts, action, event_ts)
    )`.execute(db);
  await sql`create index feedback_team on feedback (team_id, ticket_id)`.execute(db);
  // The team stands in every "distinct on" so that a query for one team reads that team's events only.
  await sql`
    create view current_feedback as
    select distinct on (team_id, ticket_id, user_id, kind)
      id, team_id, ticket_id, user_id, kind, value, source, item_ts, event_ts, created_at
    from (
      select distinct on (team_id, ticket_id, user_id, kind, value, source, item_ts) *
      from feedback
      order by team_id, ticket_id, user_id, kind, value, source, item_ts, event_ts desc, id desc
    ) as last_events
    where action = 'set'
    order by team_id, ticket_id, user_id, kind, event_ts desc, id desc`.execute(db);
}
