import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { newSecret } from './ids.ts';
import { APP_ID } from './workspace.ts';

export type EnvelopeType = 'events_api' | 'slash_commands' | 'interactive';
export type Payload = Record<string, unknown>;

/** What became of an envelope: acknowledged with a payload, or not. */
export type Outcome = { acked: true; payload: Payload } | { acked: false; why: 'dispatch_failed' | 'operation_timeout' };

type Envelope = { type: EnvelopeType; payload: Payload; attempt: number };
type Pending = { socket: WebSocket; settle: (outcome: Outcome) => void };

/** Timing of Socket Mode in ms. */
export type SocketTiming = {
  /** how long an ack may take; Slack: 3000 */
  ackTimeoutMs: number;
  /** waits before each redelivery of an event; Slack: at once, after a minute, after five */
  retryDelaysMs: readonly number[];
};

export type SocketMode = {
  /** a one-time path and query for a WebSocket */
  ticket(): string;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Delivers an event until it is acknowledged or the retries are used up. With no bot connected it waits for one. */
  deliver(payload: Payload): void;
  /** Sends a command or an interaction once. */
  dispatch(type: EnvelopeType, payload: Payload): Promise<Outcome>;
  /** Sends an event again, as Slack does when an ack was lost. */
  redeliver(payload: Payload): Promise<Outcome>;
  /** How many bots' connections are open and greeted. */
  connections(): number;
  /** Events that no bot has acknowledged yet. */
  pending(): number;
  /** Asks every client to reconnect (`disconnect`), or cuts the line without a word. */
  disconnect(how: 'refresh_requested' | 'warning' | 'cut'): void;
  onConnections: Set<(count: number) => void>;
  /** Says goodbye, and cuts those that do not answer. */
  close(): Promise<void>;
};

const PING_MS = 10_000;
const GOODBYE_MS = 500;

/** The server's side of Socket Mode: several connections, each envelope to one of them. */
export function openSocketMode(timing: SocketTiming): SocketMode {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const sockets: WebSocket[] = [];
  const pending = new Map<string, Pending>();
  const waiting: Envelope[] = [];
  const undelivered = new Set<Envelope>();
  const timers = new Set<NodeJS.Timeout>();
  const onConnections = new Set<(count: number) => void>();
  let turn = 0;

  function later(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
    return timer;
  }

  function send(envelope: Envelope): Promise<Outcome> {
    const socket = sockets[turn++ % Math.max(1, sockets.length)];
    if (socket === undefined) return Promise.resolve({ acked: false, why: 'dispatch_failed' });
    const id = randomUUID();
    return new Promise((resolve) => {
      const timer = later(timing.ackTimeoutMs, () => settle({ acked: false, why: 'operation_timeout' }));
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        timers.delete(timer);
        pending.delete(id);
        resolve(outcome);
      };
      pending.set(id, { socket, settle });
      const retry =
        envelope.type === 'events_api' ? { retry_attempt: envelope.attempt, retry_reason: envelope.attempt === 0 ? '' : 'timeout' } : {};
      const accepts = envelope.type !== 'events_api';
      socket.send(
        JSON.stringify({ envelope_id: id, type: envelope.type, payload: envelope.payload, accepts_response_payload: accepts, ...retry }),
      );
    });
  }

  async function attempt(envelope: Envelope): Promise<void> {
    if (sockets.length === 0) {
      waiting.push(envelope);
      return;
    }
    const outcome = await send(envelope);
    const delay = timing.retryDelaysMs[envelope.attempt];
    if (outcome.acked || delay === undefined) {
      undelivered.delete(envelope);
      return;
    }
    envelope.attempt += 1;
    later(delay, () => void attempt(envelope));
  }

  function greet(socket: WebSocket): void {
    socket.on('message', (data) => acknowledge(data));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => leave(socket));
    const pings = setInterval(() => socket.ping(), PING_MS);
    pings.unref();
    socket.on('close', () => clearInterval(pings));
    sockets.push(socket);
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: sockets.length,
        debug_info: { host: 'applink-playground', build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: APP_ID },
      }),
    );
    for (const listener of onConnections) listener(sockets.length);
    for (const envelope of waiting.splice(0)) void attempt(envelope);
  }

  function leave(socket: WebSocket): void {
    const at = sockets.indexOf(socket);
    if (at !== -1) sockets.splice(at, 1);
    for (const one of [...pending.values()]) if (one.socket === socket) one.settle({ acked: false, why: 'operation_timeout' });
    for (const listener of onConnections) listener(sockets.length);
  }

  function acknowledge(data: RawData): void {
    let ack: unknown;
    try {
      ack = JSON.parse(data.toString());
    } catch {
      return; // Slack ignores what it cannot read, too
    }
    if (typeof ack !== 'object' || ack === null || !('envelope_id' in ack) || typeof ack.envelope_id !== 'string') return;
    const payload = 'payload' in ack && typeof ack.payload === 'object' && ack.payload !== null ? (ack.payload as Payload) : {};
    pending.get(ack.envelope_id)?.settle({ acked: true, payload });
  }

  return {
    onConnections,
    ticket() {
      const ticket = newSecret();
      tickets.add(ticket);
      return `/link/?ticket=${ticket}&app_id=${APP_ID}`;
    },
    upgrade(request, socket, head) {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname !== '/link/' || !tickets.delete(searchParams.get('ticket') ?? '')) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, greet);
    },
    deliver(payload) {
      const envelope: Envelope = { type: 'events_api', payload, attempt: 0 };
      undelivered.add(envelope);
      void attempt(envelope);
    },
    dispatch: (type, payload) => send({ type, payload, attempt: 0 }),
    redeliver: (payload) => send({ type: 'events_api', payload, attempt: 1 }),
    connections: () => sockets.length,
    pending: () => undelivered.size,
    disconnect(how) {
      for (const socket of [...sockets]) {
        if (how === 'cut') {
          socket.terminate();
          continue;
        }
        // Slack sends nothing more on a connection that it has asked to leave.
        leave(socket);
        socket.send(JSON.stringify({ type: 'disconnect', reason: how, debug_info: { host: 'applink-playground' } }));
      }
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      const clients = [...server.clients];
      const cut = setTimeout(() => {
        for (const client of clients) client.terminate();
      }, GOODBYE_MS);
      for (const client of clients) client.close(1001);
      await Promise.all(clients.map((client) => (client.readyState === client.CLOSED ? undefined : once(client, 'close'))));
      clearTimeout(cut);
      server.close();
    },
  };
}
