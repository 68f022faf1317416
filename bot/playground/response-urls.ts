import { z } from 'zod';
import { changeMessage, deleteMessage, dismissEphemeral, findMessage, postMessage, showEphemeral } from './conversation.ts';
import { newSecret } from './ids.ts';
import { blockList, checkContent, identified } from './web-api/chat.ts';
import { flag } from './web-api/method.ts';
import { Refusal } from './web-api/refusal.ts';
import type { Ephemeral } from './wire.ts';
import { BOT, TEAM, type Workspace } from './workspace.ts';

const MAX_USES = 5;
const LIFETIME_MS = 30 * 60_000;
const MAX_TEXT = 40_000;

const answerSchema = z.object({
  text: z.string().optional(),
  blocks: blockList,
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
  replace_original: flag.default(false),
  delete_original: flag.default(false),
  thread_ts: z.string().optional(),
});

/** Who may answer where: the person, the channel, and the message that a button sat on. */
export type Target = {
  channel: string;
  user: string;
  original?: { ts: string; private: boolean } | undefined;
  threadTs?: string | undefined;
};

type Address = { target: Target; uses: number; born: number };

export type ResponseUrls = {
  /** a new address, as a path */
  issue(target: Target): string;
  /** Takes an answer to an address. @throws Refusal `expired_url`, `used_url`, `no_text`, `invalid_blocks` */
  take(path: string, body: Record<string, unknown>): void;
  /** Shows an answer, as an acknowledgement may carry one as well; an empty one shows nothing. */
  show(target: Target, body: Record<string, unknown>): void;
};

/** Slack's `response_url`: five answers in thirty minutes. */
export function openResponseUrls(workspace: Workspace, now: () => number = Date.now): ResponseUrls {
  const addresses = new Map<string, Address>();

  function show(target: Target, body: Record<string, unknown>): void {
    const parsed = answerSchema.safeParse(body);
    if (!parsed.success) throw new Refusal('invalid_payload');
    const answer = parsed.data;
    const { original } = target;
    if (answer.delete_original) {
      if (original?.private) dismissEphemeral(workspace, original.ts);
      const message = original === undefined ? undefined : findMessage(workspace, target.channel, original.ts);
      if (message !== undefined) deleteMessage(workspace, target.channel, message);
      return;
    }
    checkContent(answer, MAX_TEXT);
    const text = answer.text ?? '';
    const blocks = identified(answer.blocks);
    if (answer.replace_original && original !== undefined && !original.private) {
      const message = findMessage(workspace, target.channel, original.ts);
      if (message !== undefined) changeMessage(workspace, target.channel, message, { text, blocks, by: BOT.userId });
      return;
    }
    const threadTs = answer.thread_ts ?? target.threadTs;
    if (answer.response_type === 'in_channel') {
      postMessage(workspace, { channel: target.channel, user: BOT.userId, text, blocks, threadTs });
      return;
    }
    const ephemeral: Ephemeral = {
      channel: target.channel,
      user: target.user,
      ts: answer.replace_original && original !== undefined ? original.ts : workspace.tick(),
      text,
      from: BOT.userId,
      ...(blocks === undefined ? {} : { blocks }),
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    };
    showEphemeral(workspace, ephemeral);
    // a later `replace_original` to the same address replaces this answer
    target.original ??= { ts: ephemeral.ts, private: true };
  }

  return {
    issue(target) {
      const path = `/commands/${TEAM.id}/${newSecret(6)}/${newSecret(12)}`;
      addresses.set(path, { target: { ...target }, uses: 0, born: now() });
      return path;
    },
    take(path, body) {
      const address = addresses.get(path);
      if (address === undefined || now() - address.born > LIFETIME_MS) throw new Refusal('expired_url');
      if (address.uses >= MAX_USES) throw new Refusal('used_url');
      show(address.target, body);
      address.uses += 1;
    },
    show,
  };
}
