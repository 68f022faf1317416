import { z } from 'zod';
import { chat } from './chat.ts';
import { conversations } from './conversations.ts';
import { files } from './files.ts';
import { type Method, method } from './method.ts';
import { reactions } from './reactions.ts';
import { users } from './users.ts';
import { views } from './views.ts';

const apps: Record<string, Method> = {
  'apps.connections.open': method(['connections:write'], z.object({}), (around) => ({ url: around.openConnection() }), 'app'),
};

/** Every method that this Slack knows. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  [apps, users, conversations, chat, reactions, views, files].flatMap((group) => Object.entries(group)),
);
