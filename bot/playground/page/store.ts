import type { Change, Ephemeral, Message, Snapshot } from '../wire.ts';

/** What the page draws; undefined until the first snapshot. */
export type State = Snapshot | undefined;

/** The state after a change. Never alters the state before. */
export function apply(state: State, change: Change): State {
  if (change.kind === 'snapshot') return change.snapshot;
  if (state === undefined) return undefined;
  switch (change.kind) {
    case 'message':
      return { ...state, messages: { ...state.messages, [change.channel]: placed(state.messages[change.channel] ?? [], change.message) } };
    case 'deleted':
      return {
        ...state,
        messages: { ...state.messages, [change.channel]: (state.messages[change.channel] ?? []).filter((one) => one.ts !== change.ts) },
      };
    case 'ephemeral':
      return { ...state, ephemerals: placed(state.ephemerals, change.ephemeral) };
    case 'dismissed':
      return { ...state, ephemerals: state.ephemerals.filter((one) => one.ts !== change.ts) };
    case 'members':
      return {
        ...state,
        channels: state.channels.map((one) => (one.id === change.channel ? { ...one, members: change.members } : one)),
      };
    case 'view':
      return { ...state, views: [...state.views.filter((one) => one.id !== change.view.id), change.view] };
    case 'closed':
      return { ...state, views: state.views.filter((one) => one.id !== change.id) };
    case 'connected':
      return { ...state, connected: change.connected };
  }
}

/** One line of a list: what everybody sees, or what one person alone does. */
export type Entry = { ts: string; message: Message } | { ts: string; ephemeral: Ephemeral };

/** The lines of a channel, or of a thread in it, as this person sees them, oldest first. */
export function entriesOf(state: Snapshot, channel: string, persona: string, thread?: string): Entry[] {
  const messages = (state.messages[channel] ?? []).filter((one) => {
    if (thread !== undefined) return one.ts === thread || one.thread_ts === thread;
    return one.thread_ts === undefined || one.thread_ts === one.ts;
  });
  const own = state.ephemerals.filter((one) => one.channel === channel && one.user === persona && one.thread_ts === thread);
  const entries: Entry[] = [
    ...messages.map((message) => ({ ts: message.ts, message })),
    ...own.map((ephemeral) => ({ ts: ephemeral.ts, ephemeral })),
  ];
  return entries.sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

function placed<T extends { ts: string }>(list: readonly T[], item: T): T[] {
  const at = list.findIndex((one) => one.ts === item.ts);
  return at === -1 ? [...list, item] : list.with(at, item);
}
