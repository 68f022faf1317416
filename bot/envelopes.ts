import type { SocketModeReceiver } from '@slack/bolt';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

type Client = SocketModeReceiver['client'];

/** Acknowledges events when they are safe, by the body that Bolt hands to listeners. */
export type Acknowledgements = {
  /** The event is stored, or is nothing to us: Slack may forget it. */
  accept(body: object): void;
  /** The event could not be stored: Slack shall deliver it again. */
  refuse(body: object): void;
};

/** What the client emits for each envelope. */
const arrival = z.looseObject({
  body: z.looseObject({}).nullish(),
  ack: z.custom<() => Promise<void>>((value) => typeof value === 'function'),
});

/**
 * Takes acknowledging away from Bolt, which does it before an event is worked on: a database that is down would lose the
 * message for good. What is neither accepted nor refused is accepted when the listeners have ended. Commands and clicks
 * are left to Bolt.
 */
export function holdAcknowledgements(client: Client, log: Log): Acknowledgements {
  const held = new WeakMap<object, () => Promise<void>>();
  const release = (body: object) => {
    const ack = held.get(body);
    held.delete(body);
    return ack;
  };
  const accept = (body: object) => {
    // On a connection that was lost meanwhile this fails: Slack delivers again, and it is found to be there.
    release(body)?.().catch((error: unknown) => log.debug({ why: messageOf(error) }, 'An event could not be acknowledged'));
  };
  wrap(client, 'slack_event', async (next, args) => {
    const { body, ack } = arrival.parse(args);
    if (body?.type !== 'event_callback') return next(args);
    // Bolt hands on this very object, so it names the event.
    const original = (args as { body: object }).body;
    held.set(original, ack);
    await next({ ...(args as object), ack: async () => {} });
    accept(original);
  });
  return { accept, refuse: (body) => void release(body) };
}

const notice = z.object({
  envelope_id: z.string(),
  payload: z.object({ type: z.literal('app_rate_limited'), minute_rate_limited: z.number().optional() }),
});

/**
 * `app_rate_limited` comes as an envelope without an event, which Slack's client does not expect: it would be an
 * unhandled rejection. It is acknowledged and logged here; whatever else an envelope breaks is logged too.
 */
export function surviveOddEnvelopes(client: Client, log: Log): void {
  wrap(client, 'ws_message', async (next, data, isBinary) => {
    try {
      const limited = rateLimitNotice(data);
      if (limited === undefined) return await next(data, isBinary);
      log.warn({ minute: limited.minute }, 'Slack holds events back: more than 30,000 came within an hour');
      client.websocket?.send(JSON.stringify({ envelope_id: limited.envelopeId, payload: {} }), () => {});
    } catch (error) {
      log.error({ why: messageOf(error) }, 'Slack sent an envelope that cannot be read');
    }
  });
}

/** The notice that Slack holds events back, if a WebSocket message is one. */
export function rateLimitNotice(data: unknown): { envelopeId: string; minute: number | undefined } | undefined {
  if (typeof data !== 'string' || !data.includes('"app_rate_limited"')) return undefined;
  try {
    const { envelope_id, payload } = notice.parse(JSON.parse(data));
    return { envelopeId: envelope_id, minute: payload.minute_rate_limited };
  } catch {
    return undefined;
  }
}

type Next = (...args: unknown[]) => Promise<void>;

/** Puts `around` in place of the listeners of an event; `next` calls them. */
function wrap(client: Client, event: string, around: (next: Next, ...args: unknown[]) => Promise<void>): void {
  const listeners = client.listeners(event);
  client.removeAllListeners(event);
  const next: Next = async (...args) => {
    for (const listener of listeners) await listener.call(client, ...args);
  };
  client.on(event, (...args: unknown[]) => around(next, ...args));
}
