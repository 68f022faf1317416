import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFields, sendJson } from '../http.ts';
import type { Surroundings } from './method.ts';
import { METHODS } from './methods.ts';
import { Refusal } from './refusal.ts';

/** How a method is to fail, for a test. */
export type Failure = {
  /** Slack's word, as `ratelimited` or `internal_error` */
  error?: string;
  /** HTTP status; 429 for `ratelimited` and 200 for the others unless given */
  status?: number;
  /** s, in the header `Retry-After`; 1 for `ratelimited` unless given */
  retryAfter?: number;
  /** how many calls fail; 1 unless given */
  times?: number;
  /** true: the call takes effect, and only its answer is lost */
  afterwards?: boolean;
};

/** A call that came in, as a test reads it. */
export type Call = { method: string; args: Record<string, unknown>; ok: boolean; error: string | undefined };

/** The Web API's state beside the workspace: who may call, what was called, and what is to go wrong. */
export type WebApi = {
  around: Surroundings;
  tokens: { bot: string; app: string };
  scopes: readonly string[];
  calls: Call[];
  failures: Map<string, Failure>;
};

const MAX_CALLS = 1000;

/** Answers `POST /api/<method>`. */
export async function answerCall(api: WebApi, name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { token: bodyToken, ...args } = await readFields(request);
  const [, headerToken] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  const token = headerToken ?? (typeof bodyToken === 'string' ? bodyToken : undefined);
  const failure = takeFailure(api.failures, name);
  const fails = failure !== undefined && failure.afterwards !== true;
  const answer = fails ? failed(failure) : { ...perform(api, name, token, args) };
  const error = answer.error as string | undefined;
  api.calls.push({ method: name, args, ok: error === undefined, error });
  if (api.calls.length > MAX_CALLS) api.calls.shift();
  if (failure === undefined) {
    sendJson(response, 200, answer, {
      'x-oauth-scopes': api.scopes.join(','),
      'x-accepted-oauth-scopes': METHODS.get(name)?.scopes.join(',') ?? '',
    });
    return;
  }
  const limited = failure.error === 'ratelimited' || failure.status === 429;
  const headers: Record<string, string> =
    limited || failure.retryAfter !== undefined ? { 'retry-after': String(failure.retryAfter ?? 1) } : {};
  sendJson(response, failure.status ?? (limited ? 429 : 200), failed(failure), headers);
}

function perform(api: WebApi, name: string, token: string | undefined, args: Record<string, unknown>): Record<string, unknown> {
  try {
    const method = METHODS.get(name);
    if (method === undefined) throw new Refusal('unknown_method', { req_method: name });
    if (token === undefined) throw new Refusal('not_authed');
    const kind = token === api.tokens.bot ? 'bot' : token === api.tokens.app ? 'app' : undefined;
    if (kind === undefined) throw new Refusal('invalid_auth');
    if (kind !== method.token) throw new Refusal('not_allowed_token_type');
    const provided = kind === 'app' ? ['connections:write'] : api.scopes;
    if (method.scopes.length > 0 && !method.scopes.some((scope) => provided.includes(scope)))
      throw new Refusal('missing_scope', { needed: method.scopes[0], provided: provided.join(',') });
    return { ok: true, ...method.call(api.around, args) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.word, ...error.extra };
    throw error;
  }
}

function failed(failure: Failure): Record<string, unknown> {
  return { ok: false, error: failure.error ?? 'internal_error' };
}

function takeFailure(failures: Map<string, Failure>, name: string): Failure | undefined {
  const failure = failures.get(name);
  if (failure === undefined) return undefined;
  const left = (failure.times ?? 1) - 1;
  if (left <= 0) failures.delete(name);
  else failures.set(name, { ...failure, times: left });
  return failure;
}
