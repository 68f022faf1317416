import type { Db } from './database.ts';
import type { Prediction, Score, Ticket } from './tables.ts';

/** What a classifier says of a message; `Classification` of models/ is one. */
export type Predicted = {
  model: string;
  category: Score;
  priority: Score;
  intent: Score;
  categories: Score[];
  priorities: Score[];
  intents: Score[];
  chatter: number;
  sure: boolean;
  inScope: boolean;
  silent: boolean;
};

/** Stores what a model said of a ticket: once for each model version, the first answer stays. */
export async function storePrediction(
  db: Db,
  ticket: Pick<Ticket, 'id' | 'teamId'>,
  { model, category, priority, intent, categories, priorities, intents, chatter, sure, inScope, silent }: Predicted,
): Promise<Prediction> {
  const stored = await db
    .insertInto('predictions')
    .values({
      teamId: ticket.teamId,
      ticketId: ticket.id,
      modelVersion: model,
      category: category.id,
      categoryProbability: category.probability,
      priority: priority.id,
      priorityProbability: priority.probability,
      intent: intent.id,
      intentProbability: intent.probability,
      categories: JSON.stringify(categories),
      priorities: JSON.stringify(priorities),
      intents: JSON.stringify(intents),
      chatter,
      sure,
      inScope,
      silent,
    })
    .onConflict((conflict) => conflict.columns(['ticketId', 'modelVersion']).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (stored) return stored;
  return db
    .selectFrom('predictions')
    .selectAll()
    .where('ticketId', '=', ticket.id)
    .where('modelVersion', '=', model)
    .executeTakeFirstOrThrow();
}

/** The newest prediction of a ticket. */
export function latestPrediction(db: Db, ticketId: number): Promise<Prediction | undefined> {
  return db.selectFrom('predictions').selectAll().where('ticketId', '=', ticketId).orderBy('id', 'desc').limit(1).executeTakeFirst();
}
