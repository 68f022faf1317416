import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { TicketwiseError } from '../../errors.ts';

const message = z.looseObject({ ts: z.string(), user: z.string().optional(), thread_ts: z.string().optional(), text: z.string() });
/** What of the page's stream matters here; it tells much more. */
const changeSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('snapshot'),
    snapshot: z.looseObject({
      bot: z.string(),
      connected: z.boolean(),
      personas: z.array(z.string()),
      channels: z.array(z.looseObject({ id: z.string(), name: z.string() })),
    }),
  }),
  z.looseObject({ kind: z.literal('message'), message }),
]);
type Change = z.infer<typeof changeSchema>;

/** How long a reply may take, in ms. */
const PATIENCE = 30_000;

/**
 * Writes messages into the support channel of a playground, one after the other, as a person does in the page.
 * @returns ms from each message to the bot's reply
 * @throws `job_failed` when a reply does not come
 */
export async function timeReplies(url: string, texts: readonly string[]): Promise<number[]> {
  const stop = new AbortController();
  const response = await fetch(new URL('/playground/events', url), { signal: stop.signal });
  const changes = readChanges(response);
  try {
    const first = (await changes.next()).value as Change | undefined;
    const channel = first?.kind === 'snapshot' ? first.snapshot.channels.find(({ name }) => name === 'support')?.id : undefined;
    if (first?.kind !== 'snapshot' || channel === undefined)
      throw new TicketwiseError('job_failed', `${url} is no playground with a support channel.`);
    const { bot, personas } = first.snapshot;
    const times: number[] = [];
    for (const text of texts) {
      const started = performance.now();
      await post(url, { user: personas[0], channel, text });
      await within(replied(changes, bot), url);
      times.push(performance.now() - started);
    }
    return times;
  } finally {
    stop.abort();
  }
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json', origin: new URL(url).origin };
  const response = await fetch(new URL('/playground/message', url), { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new TicketwiseError('job_failed', `The playground at ${url} refused a message: ${await response.text()}`);
}

async function replied(changes: AsyncGenerator<Change>, bot: string): Promise<void> {
  for (;;) {
    const { value, done } = await changes.next();
    if (done) throw new TicketwiseError('job_failed', 'The playground ended while a message waited for its reply.');
    if (value.kind === 'message' && value.message.user === bot && value.message.thread_ts !== undefined) return;
  }
}

async function within(reply: Promise<void>, url: string): Promise<void> {
  const late = new AbortController();
  const never = delay(PATIENCE, undefined, { signal: late.signal }).then(() => {
    throw new TicketwiseError('job_failed', `A message to ${url} had no reply after ${PATIENCE / 1000} s.`);
  });
  never.catch(() => {});
  try {
    await Promise.race([reply, never]);
  } finally {
    late.abort();
  }
}

/** The changes of a stream of server-sent events; those of other kinds are passed over. */
async function* readChanges(response: Response): AsyncGenerator<Change> {
  let rest = '';
  for await (const chunk of (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue;
      const change = changeSchema.safeParse(JSON.parse(line.slice('data: '.length)));
      if (change.success) yield change.data;
    }
  }
}
