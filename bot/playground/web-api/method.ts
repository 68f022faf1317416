import { z } from 'zod';
import type { Workspace } from '../workspace.ts';
import { badArguments } from './refusal.ts';

/** What a method needs of the server around it. */
export type Surroundings = {
  workspace: Workspace;
  /** `http://127.0.0.1:PORT` */
  baseUrl: string;
  /** a one-time WebSocket address, for `apps.connections.open` */
  openConnection(): string;
  /** Who clicked: once for each trigger, and only for the first seconds. @throws Refusal */
  useTrigger(id: string): { user: string };
};

/** One method of the Web API. */
export type Method = {
  token: 'bot' | 'app';
  /** one of these is enough; none needed when empty */
  scopes: readonly string[];
  /** @throws Refusal */
  call(around: Surroundings, input: Record<string, unknown>): Record<string, unknown>;
};

/** A method whose arguments are parsed by a schema first; keys that it does not name are ignored, as Slack does. */
export function method<S extends z.ZodType>(
  scopes: readonly string[],
  schema: S,
  answer: (around: Surroundings, args: z.infer<S>) => Record<string, unknown>,
  token: 'bot' | 'app' = 'bot',
): Method {
  return {
    token,
    scopes,
    call(around, input) {
      const parsed = schema.safeParse(input);
      if (parsed.success) return answer(around, parsed.data);
      const faults = parsed.error.issues.map((issue) => ({ what: issue.message, where: `/${issue.path.join('/')}` }));
      throw badArguments('invalid_arguments', faults);
    },
  };
}

/** A string that must be there. */
export const word = z.string({ error: 'missing required field' }).min(1, 'missing required field');

/** A boolean, which form-encoded requests spell out. */
export const flag = z.union([z.boolean(), z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1')]);

export const limit = z.coerce.number().int().min(1).max(1000);

/** JSON, which form-encoded requests carry as text. Text that is no JSON stays text, for the schema to refuse. */
export function json<S extends z.ZodType>(schema: S) {
  return z.preprocess((value) => {
    if (typeof value !== 'string' || value === '') return value === '' ? undefined : value;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }, schema);
}
