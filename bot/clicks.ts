import { z } from 'zod';
import { inTransaction } from '../db/database.ts';
import { currentFeedback } from '../db/feedback.ts';
import { latestPrediction } from '../db/predictions.ts';
import type { Ticket } from '../db/tables.ts';
import { findTicket } from '../db/tickets.ts';
import { type Content, paragraph } from './blocks.ts';
import { storeWord } from './corrections.ts';
import type { Deps } from './deps.ts';
import { correctionForm, readForm } from './form.ts';
import { labelOfClick } from './label-of-click.ts';
import type { Triage } from './triage.ts';

/** What Ticketwise reads of a click on a button of its reply, which stands in the thread of the ticket's message. */
const clickBody = z.object({
  user: z.object({ id: z.string().min(1) }),
  channel: z.object({ id: z.string().min(1) }),
  message: z.object({ thread_ts: z.string().min(1) }),
  trigger_id: z.string(),
  actions: z.tuple([z.object({ action_id: z.string(), action_ts: z.string().min(1) })]),
});

/** What it reads of a form that was sent. */
const formBody = z.object({
  user: z.object({ id: z.string().min(1) }),
  view: z.object({ private_metadata: z.string(), state: z.object({ values: z.unknown() }) }),
});

const whereabouts = z.object({ channel: z.string(), ts: z.string() });

const GONE = 'I do not know this ticket any more, so I kept nothing.';

/**
 * Stores what a button says of a ticket, and has the reply edited.
 * @returns a private answer where nothing could be stored
 */
export async function click(deps: Deps, triage: Triage, body: unknown): Promise<Content | undefined> {
  const { user, channel, message, actions } = clickBody.parse(body);
  const [{ action_id, action_ts }] = actions;
  const ticket = await findTicket(deps.db, deps.slack.teamId, channel.id, message.thread_ts);
  if (ticket === undefined) return paragraph(GONE);
  const said = labelOfClick(action_id, deps.model.labels);
  if (said === undefined) return paragraph('That category is gone meanwhile. “Correct…” and “Another…” offer those that there are.');
  await storeWord(deps, ticket, { ...said, userId: user.id, source: 'button', itemTs: '', action: 'set', eventTs: action_ts });
  await triage.refresh(ticket);
  return undefined;
}

/**
 * Opens the form for a ticket.
 * @returns a private answer where there is none to open
 */
export async function openForm({ db, slack, model }: Deps, body: unknown): Promise<Content | undefined> {
  const { user, channel, message, trigger_id } = clickBody.parse(body);
  const ticket = await findTicket(db, slack.teamId, channel.id, message.thread_ts);
  const prediction = ticket && (await latestPrediction(db, ticket.id));
  if (ticket === undefined || prediction === undefined) return paragraph(GONE);
  const view = correctionForm(
    {
      text: ticket.text,
      predicted: { category: prediction.category, priority: prediction.priority },
      words: await currentFeedback(db, ticket.id),
      userId: user.id,
      metadata: JSON.stringify({ channel: ticket.channelId, ts: ticket.ts } satisfies z.infer<typeof whereabouts>),
    },
    model.labels,
  );
  await slack.once.views.open({ trigger_id, view });
  return undefined;
}

/** What becomes of a form: errors go beside its fields, and it stays open with them. */
export type Sent = { errors: Record<string, string> } | { stored: Ticket };

/** Stores what a form says of its ticket. A person's earlier intent that it leaves out is taken back. */
export async function sendForm(deps: Deps, body: unknown): Promise<Sent> {
  const { user, view } = formBody.parse(body);
  const { channel, ts } = whereabouts.parse(JSON.parse(view.private_metadata));
  const ticket = await findTicket(deps.db, deps.slack.teamId, channel, ts);
  if (ticket === undefined) return { errors: { category: GONE } };
  const read = readForm(view.state.values, deps.model.labels);
  if ('errors' in read) return read;
  const { category, priority, intent } = read.chosen;
  const now = (Date.now() / 1000).toFixed(6); // Slack does not say when a form was sent
  const by = { userId: user.id, source: 'form', itemTs: '', eventTs: now, action: 'set' } as const;
  await inTransaction(deps.db, async (db) => {
    const earlier = (await currentFeedback(db, ticket.id)).find((word) => word.userId === user.id && word.kind === 'intent');
    const say = (word: Parameters<typeof storeWord>[2]) => storeWord({ ...deps, db }, ticket, word);
    await say({ ...by, kind: 'category', value: category });
    await say({ ...by, kind: 'priority', value: priority });
    if (intent !== null) await say({ ...by, kind: 'intent', value: intent });
    else if (earlier !== undefined) await say({ ...by, kind: 'intent', value: earlier.value, action: 'retract' });
  });
  return { stored: ticket };
}
