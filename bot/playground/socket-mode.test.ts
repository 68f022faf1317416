import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Playground, startPlayground } from './server.ts';
import { PEOPLE } from './workspace.ts';

type Envelope = { type: string; envelope_id?: string; retry_attempt?: number; payload?: { event_id?: string; event?: { ts?: string } } };

let slack: Playground;
const received: Envelope[] = [];
const sockets: WebSocket[] = [];

beforeEach(async () => {
  received.length = 0;
  slack = await startPlayground({ port: 0, timing: { ackTimeoutMs: 400, retryDelaysMs: [0, 5, 5] } });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await slack.stop();
});

/** A bot that acknowledges from the given delivery on. */
async function connect(acksFrom: number): Promise<WebSocket> {
  const response = await fetch(`${slack.apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.appToken}` },
  });
  const { url } = (await response.json()) as { url: string };
  const socket = new WebSocket(url);
  sockets.push(socket);
  socket.on('message', (data) => {
    const envelope = JSON.parse(data.toString()) as Envelope;
    received.push(envelope);
    if (envelope.envelope_id !== undefined && (envelope.retry_attempt ?? 0) >= acksFrom)
      socket.send(JSON.stringify({ envelope_id: envelope.envelope_id }));
  });
  await slack.control.until('hello', () => received.some((one) => one.type === 'hello'));
  return socket;
}

const events = () => received.filter((one) => one.type === 'events_api');

test.each([
  [0, [0]],
  [2, [0, 1, 2]],
  [9, [0, 1, 2, 3]],
])('a bot that acknowledges from delivery %i on sees %j', async (acksFrom, attempts) => {
  await connect(acksFrom);
  const { ts } = slack.control.post({ text: 'hello' });
  await slack.control.delivered();
  expect(events().map((one) => one.retry_attempt)).toEqual(attempts);
  expect(new Set(events().map((one) => one.payload?.event_id)).size).toBe(1);
  expect(new Set(events().map((one) => one.envelope_id)).size).toBe(attempts.length);
  expect(events()[0]?.payload?.event?.ts).toBe(ts);
});

test('what happens before a bot is there waits for it', async () => {
  slack.control.post({ text: 'early' });
  await connect(0);
  await slack.control.delivered();
  expect(events()).toHaveLength(1);
});

test('a line that is cut brings the event again on the next', async () => {
  await connect(9);
  slack.control.post({ text: 'cut off' });
  await slack.control.until('the first delivery', () => events().length > 0);
  slack.control.disconnect('cut');
  await connect(0);
  await slack.control.delivered();
  expect(events().at(-1)?.retry_attempt).toBeGreaterThan(0);
});

test('a command is sent once, and an unacknowledged one is said to have failed', async () => {
  await connect(9);
  await slack.control.command({ user: PEOPLE.agent, text: 'help' });
  expect(received.filter((one) => one.type === 'slash_commands')).toHaveLength(1);
  expect(slack.control.ephemerals(PEOPLE.agent)).toMatchObject([{ from: 'USLACKBOT' }]);
});

test('a ticket opens one connection', async () => {
  const socket = await connect(0);
  const again = new WebSocket(socket.url);
  const error = await new Promise<Error>((resolve) => again.on('error', resolve));
  expect(error.message).toContain('401');
});
