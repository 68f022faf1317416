import { z } from 'zod';
import { addReaction, removeReaction } from '../conversation.ts';
import { BOT } from '../workspace.ts';
import { requireChannel, requireMembership, requireMessage } from './access.ts';
import { type Method, method, word } from './method.ts';
import { Refusal } from './refusal.ts';

const target = z.object({ channel: word, timestamp: word, name: word });

/** `reactions.*`, by the bot. */
export const reactions: Record<string, Method> = {
  'reactions.add': method(['reactions:write'], target, ({ workspace }, args) => {
    const channel = requireMembership(workspace, args.channel);
    const name = workspace.emoji.resolve(args.name);
    if (name === undefined) throw new Refusal('invalid_name');
    const message = requireMessage(workspace, channel.id, args.timestamp);
    if (!addReaction(workspace, channel.id, message, BOT.userId, name)) throw new Refusal('already_reacted');
    return {};
  }),
  'reactions.remove': method(['reactions:write'], target, ({ workspace }, args) => {
    const channel = requireChannel(workspace, args.channel);
    const name = workspace.emoji.resolve(args.name);
    if (name === undefined) throw new Refusal('invalid_name');
    const message = requireMessage(workspace, channel.id, args.timestamp);
    if (!removeReaction(workspace, channel.id, message, BOT.userId, name)) throw new Refusal('no_reaction');
    return {};
  }),
  'reactions.get': method(['reactions:read'], z.object({ channel: word, timestamp: word }), ({ workspace }, args) => {
    const channel = requireChannel(workspace, args.channel);
    return { type: 'message', channel: channel.id, message: requireMessage(workspace, channel.id, args.timestamp) };
  }),
};
