import { z } from 'zod';
import { postMessage } from '../conversation.ts';
import { newId } from '../ids.ts';
import type { SharedFile } from '../wire.ts';
import { BOT } from '../workspace.ts';
import { requireMembership } from './access.ts';
import { json, type Method, method, word } from './method.ts';
import { Refusal } from './refusal.ts';

const TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  csv: 'text/csv',
  json: 'application/json',
  txt: 'text/plain',
};

/** `files.*`: ask for an address, send the bytes there, then share. */
export const files: Record<string, Method> = {
  'files.getUploadURLExternal': method(
    ['files:write'],
    z.object({ filename: word, length: z.coerce.number().int().positive() }),
    ({ workspace, baseUrl }, args) => {
      const id = newId('F');
      const mimetype = TYPES[args.filename.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
      const url = `/playground/files/${id}`;
      workspace.files.set(id, {
        id,
        name: args.filename,
        title: args.filename,
        mimetype,
        size: args.length,
        url_private: url,
        bytes: undefined,
      });
      return { upload_url: `${baseUrl}/upload/v1/${id}`, file_id: id };
    },
  ),
  'files.completeUploadExternal': method(
    ['files:write'],
    z.object({
      files: json(z.array(z.looseObject({ id: z.string(), title: z.string().optional() })).min(1)),
      channel_id: z.string().optional(),
      thread_ts: z.string().optional(),
      initial_comment: z.string().optional(),
    }),
    ({ workspace }, args) => {
      const shared = args.files.map(({ id, title }): SharedFile => {
        const stored = workspace.files.get(id);
        if (stored?.bytes === undefined) throw new Refusal('file_not_found');
        stored.title = title ?? stored.title;
        const { bytes: _, ...file } = stored;
        return file;
      });
      if (args.channel_id !== undefined) {
        const channel = requireMembership(workspace, args.channel_id);
        postMessage(workspace, {
          channel: channel.id,
          user: BOT.userId,
          text: args.initial_comment ?? '',
          threadTs: args.thread_ts,
          files: shared,
          subtype: 'file_share',
        });
      }
      return { files: shared };
    },
  ),
};
