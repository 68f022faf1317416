import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { openEmoji } from '../emoji.ts';
import type { Snapshot, User } from '../wire.ts';

/** Characters of all emoji that can be drawn. */
export const EMOJI = openEmoji().characters;

/** What every part of the page may need. */
export type Page = {
  state: Snapshot;
  /** whom one writes and reacts as */
  persona: User;
  /** Asks the playground; a refusal is shown. false when it was refused. */
  act: (action: string, body: Record<string, unknown>) => Promise<boolean>;
  openThread: (ts: string) => void;
};

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('usePage outside of the page');
  return page;
}

/** A user, or a stand-in for one that is gone. */
export function userOf(state: Snapshot, id: string | undefined): User {
  const slackbot = { id: 'USLACKBOT', name: 'slackbot', realName: 'Slackbot', role: 'App', title: '', isBot: true, isAdmin: false };
  return state.users.find((user) => user.id === id) ?? { ...slackbot, id: id ?? slackbot.id };
}
