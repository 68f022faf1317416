import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TicketwiseError } from '../../errors.ts';
import type { Taxonomy } from '../../labels.ts';
import type { Dispatcher } from './commands.ts';
import { type Control, openControl } from './control.ts';
import { eventPayload } from './events.ts';
import { HttpError, readFields, send, sendJson } from './http.ts';
import { newSecret } from './ids.ts';
import { meaningsOf } from './meanings.ts';
import { type Bundle, bundlePage } from './page-bundle.ts';
import { openPageServer } from './page-server.ts';
import { openResponseUrls } from './response-urls.ts';
import { openSocketMode, type SocketTiming } from './socket-mode.ts';
import { openTriggers } from './triggers.ts';
import { answerCall, type WebApi } from './web-api/calls.ts';
import { Refusal } from './web-api/refusal.ts';
import { BOT_SCOPES, openWorkspace, type WorkspaceOptions } from './workspace.ts';

const HOST = '127.0.0.1';
const MAX_REMEMBERED = 1000;

export type PlaygroundOptions = {
  /** 0 takes any free port */
  port: number;
  /** its emoji come first in the picker, with their meaning, and are known to the workspace */
  taxonomy?: Pick<Taxonomy, 'categories' | 'priorities'>;
  workspace?: WorkspaceOptions;
  /** what the bot's token may do; {@link BOT_SCOPES} unless given */
  scopes?: readonly string[];
  /** Slack's own timing unless given */
  timing?: Partial<SocketTiming>;
  /** told of what should not happen: a defect in this server */
  onError?: (error: unknown) => void;
};

export type Playground = {
  /** for people: `http://localhost:PORT` */
  url: string;
  /** for `SLACK_API_URL`; ends with a slash */
  apiUrl: string;
  botToken: string;
  appToken: string;
  control: Control;
  /** Cuts every connection and frees the port. */
  stop(): Promise<void>;
};

/**
 * Starts a Slack of its own on this machine: Web API, Socket Mode, and a page in place of the app.
 * It listens on 127.0.0.1 only.
 * @throws `bad_config` naming PORT when the port is taken or not allowed
 */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const workspace = openWorkspace({
    ...(options.taxonomy === undefined ? {} : { meanings: meaningsOf(options.taxonomy) }),
    ...options.workspace,
  });
  const socket = openSocketMode({ ackTimeoutMs: 3000, retryDelaysMs: [0, 60_000, 300_000], ...options.timing });
  const triggers = openTriggers();
  const responseUrls = openResponseUrls(workspace);
  const tokens = { bot: `xoxb-playground-${newSecret()}`, app: `xapp-playground-${newSecret()}` };
  const onError = options.onError ?? (() => undefined);

  const server = createServer((request, response) => void answer(request, response));
  server.on('upgrade', (request, duplex, head) => socket.upgrade(request, duplex, head));
  const port = await listen(server, options.port);
  const baseUrl = `http://${HOST}:${port}`;

  const dispatcher: Dispatcher = { workspace, socket, responseUrls, triggers, baseUrl };
  const api: WebApi = {
    around: { workspace, baseUrl, openConnection: () => `ws://${HOST}:${port}${socket.ticket()}`, useTrigger: triggers.use },
    tokens,
    scopes: options.scopes ?? BOT_SCOPES,
    calls: [],
    failures: new Map(),
  };
  let bundle: Promise<Bundle> | undefined;
  const page = openPageServer(
    dispatcher,
    () => {
      bundle ??= bundlePage();
      return bundle;
    },
    () => port,
  );
  const delivered: Record<string, unknown>[] = [];
  workspace.events.add((event) => {
    const payload = eventPayload(event, Date.now());
    delivered.push(payload);
    if (delivered.length > MAX_REMEMBERED) delivered.shift();
    socket.deliver(payload);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await route(request, response);
    } catch (error) {
      if (error instanceof HttpError) return sendJson(response, error.status, { ok: false, error: error.message });
      onError(error);
      if (response.headersSent) response.end();
      else sendJson(response, 500, { ok: false, error: 'internal_error' });
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', baseUrl);
    if (await page.answer(request, response, pathname)) return;
    if (pathname.startsWith('/api/')) return answerCall(api, pathname.slice('/api/'.length), request, response);
    if (request.method === 'POST' && pathname.startsWith('/commands/')) {
      try {
        responseUrls.take(pathname, await readFields(request));
        return send(response, 200, 'text/plain', 'ok');
      } catch (error) {
        if (error instanceof Refusal) return send(response, error.word.endsWith('_url') ? 404 : 400, 'text/plain', error.word);
        throw error;
      }
    }
    if (request.method === 'POST' && pathname.startsWith('/upload/v1/')) {
      const file = workspace.files.get(pathname.slice('/upload/v1/'.length));
      const body = Object.values(await readFields(request)).find((value) => value instanceof Blob);
      if (file === undefined || body === undefined) throw new HttpError(404, 'There is no such upload.');
      file.bytes = new Uint8Array(await body.arrayBuffer());
      file.size = file.bytes.length;
      return send(response, 200, 'text/plain', `OK - ${file.size}`);
    }
    throw new HttpError(404, 'There is nothing here.');
  }

  return {
    url: `http://localhost:${port}`,
    apiUrl: `${baseUrl}/api/`,
    botToken: tokens.bot,
    appToken: tokens.app,
    control: openControl(dispatcher, api, delivered),
    async stop() {
      page.close();
      await socket.close();
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be listened on (${code})`;
    throw new TicketwiseError('bad_config', `Port ${port} ${why}. Set PORT to a free one, or to 0 for any.`, { cause });
  }
  return (server.address() as AddressInfo).port;
}
