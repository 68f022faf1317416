import type { IncomingMessage } from 'node:http';
import { HttpError } from './http.ts';

/**
 * Lets only this server's own page in: no other site may drive or read the workspace, nor may one
 * that points its own name at 127.0.0.1.
 * @throws HttpError 403, 415
 */
export function requireOwnPage(request: IncomingMessage, port: number): void {
  const hosts = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`);
  const host = request.headers.host ?? '';
  if (!hosts.includes(host) && !(port === 80 && hosts.includes(`${host}:80`)))
    throw new HttpError(403, `The host ${host} is not this playground.`);
  const { origin } = request.headers;
  const writes = request.method !== 'GET' && request.method !== 'HEAD';
  if (origin === undefined ? writes : origin !== `http://${host}`)
    throw new HttpError(403, `The origin ${origin ?? '(none)'} is not this playground.`);
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') throw new HttpError(403, 'Another site asked for this.');
  if (writes && !(request.headers['content-type'] ?? '').startsWith('application/json'))
    throw new HttpError(415, 'The playground takes application/json.');
}
