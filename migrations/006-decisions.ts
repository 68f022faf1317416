import { type Kysely, sql } from 'kysely';

/** What was decided of a message. Until now everything was told, and silence was where chatter is the likeliest intent. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table predictions
      add column sure boolean not null default true,
      add column in_scope boolean not null default true,
      add column silent boolean not null default false`.execute(db);
  await sql`update predictions set silent = true where intent = 'chatter'`.execute(db);
}
