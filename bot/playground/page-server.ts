import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from './commands.ts';
import { requireOwnPage } from './guard.ts';
import { HttpError, readFields, send, sendJson } from './http.ts';
import { PAGE_ACTIONS } from './page-actions.ts';
import type { Bundle } from './page-bundle.ts';
import type { Change, Snapshot } from './wire.ts';
import { BOT, PERSONAS, TEAM } from './workspace.ts';

const HEARTBEAT_MS = 15_000;
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const GUARDED = { 'content-security-policy': CSP, 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin' };

export type PageServer = {
  /** Answers `/` and `/playground/*`; false when the path is neither. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean>;
  close(): void;
};

/** The page, its live stream, and what it may do. */
export function openPageServer(dispatcher: Dispatcher, bundle: () => Promise<Bundle>, port: () => number): PageServer {
  const { workspace, socket } = dispatcher;
  const streams = new Set<ServerResponse>();

  const write = (stream: ServerResponse, change: Change) => stream.write(`data: ${JSON.stringify(change)}\n\n`);
  workspace.changes.add((change) => {
    for (const stream of streams) write(stream, change);
  });
  socket.onConnections.add((count) => {
    for (const stream of streams) write(stream, { kind: 'connected', connected: count > 0 });
  });

  function openStream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'keep-alive' });
    response.write('retry: 1000\n\n');
    write(response, { kind: 'snapshot', snapshot: snapshotOf(dispatcher) });
    const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
    heartbeat.unref();
    streams.add(response);
    response.on('close', () => {
      clearInterval(heartbeat);
      streams.delete(response);
    });
  }

  async function answerGet(response: ServerResponse, path: string): Promise<void> {
    if (path === '/playground/events') return openStream(response);
    if (path.startsWith('/playground/files/')) {
      const file = workspace.files.get(path.slice('/playground/files/'.length));
      if (file?.bytes === undefined) throw new HttpError(404, 'There is no such file.');
      send(response, 200, file.mimetype, file.bytes, { ...GUARDED, 'content-security-policy': "default-src 'none'; sandbox" });
      return;
    }
    const { html, script, style } = await bundle();
    if (path === '/') return send(response, 200, 'text/html; charset=utf-8', html, GUARDED);
    if (path === '/playground/page.js') return send(response, 200, 'text/javascript; charset=utf-8', script, GUARDED);
    if (path === '/playground/style.css') return send(response, 200, 'text/css; charset=utf-8', style, GUARDED);
    throw new HttpError(404, 'There is nothing here.');
  }

  return {
    async answer(request, response, path) {
      if (path !== '/' && !path.startsWith('/playground/')) return false;
      requireOwnPage(request, port());
      if (request.method === 'GET') {
        await answerGet(response, path);
        return true;
      }
      const act = request.method === 'POST' ? PAGE_ACTIONS.get(path.slice('/playground/'.length)) : undefined;
      if (act === undefined) throw new HttpError(404, 'There is nothing here.');
      await act(dispatcher, await readFields(request));
      sendJson(response, 200, { ok: true });
      return true;
    },
    close() {
      for (const stream of streams) stream.end();
    },
  };
}

function snapshotOf({ workspace, socket }: Dispatcher): Snapshot {
  return {
    team: { id: TEAM.id, name: TEAM.name },
    bot: BOT.userId,
    connected: socket.connections() > 0,
    users: [...workspace.users.values()],
    personas: [...PERSONAS],
    channels: [...workspace.channels.values()],
    messages: Object.fromEntries(workspace.messages),
    ephemerals: workspace.ephemerals,
    views: [...workspace.views.values()],
    meanings: workspace.meanings,
    commands: workspace.commands,
    samples: workspace.samples,
  };
}
