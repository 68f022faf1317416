import { expect, test } from 'vitest';
import { triageable } from './triageable.ts';

const place = { botUserId: 'UBOT', isSupportChannel: (id: string) => id === 'C1' };
const message = { type: 'message', channel: 'C1', ts: '1.000100', user: 'U1', text: 'My card has not arrived' };

test.each([
  ['a message', message],
  ['a message with a file', { ...message, subtype: 'file_share', files: [{ id: 'F1' }] }],
  ['the first message of a thread', { ...message, thread_ts: message.ts }],
  ['keys we do not know', { ...message, assistant_app_thread: { title: 'x' } }],
])('%s is a ticket', (_, event) => {
  expect(triageable(event, place)).toEqual({ channelId: 'C1', ts: '1.000100', userId: 'U1', text: 'My card has not arrived' });
});

test.each([
  ['a reply in a thread', { ...message, thread_ts: '0.000100' }],
  ['a reply that was also sent to the channel', { ...message, subtype: 'thread_broadcast', thread_ts: '0.000100' }],
  ['an edit', { type: 'message', subtype: 'message_changed', hidden: true, channel: 'C1', ts: '2.0', message }],
  ['a deletion', { type: 'message', subtype: 'message_deleted', hidden: true, channel: 'C1', ts: '2.0' }],
  ['a join', { ...message, subtype: 'channel_join' }],
  ['an integration', { ...message, subtype: 'bot_message', bot_id: 'B2' }],
  ['a bot with no subtype', { ...message, bot_id: 'B2' }],
  ['our own post', { ...message, user: 'UBOT' }],
  ['a reminder of Slackbot', { ...message, user: 'USLACKBOT' }],
  ['a hidden message', { ...message, hidden: true }],
  ['another channel', { ...message, channel: 'C2' }],
  ['a file without words', { ...message, subtype: 'file_share', text: '' }],
  ['blank text', { ...message, text: ' \n ' }],
  ['a message of nobody', { ...message, user: undefined }],
  ['no message at all', { type: 'message' }],
  ['nothing', undefined],
])('%s is left alone', (_, event) => {
  expect(triageable(event, place)).toBeUndefined();
});
