import { useCallback, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Change, Message } from '../wire.ts';
import { ChannelView, TopBar } from './channel.tsx';
import { hasDraft } from './composer.tsx';
import { ask, listen } from './connection.ts';
import { HomeView } from './home.tsx';
import { recall, remember } from './memory.ts';
import { Modal } from './modal.tsx';
import { wordsOf } from './mrkdwn.ts';
import { type Page, PageContext, userOf } from './page-context.ts';
import { Personas } from './personas.tsx';
import { type Place, Sidebar } from './sidebar.tsx';
import { apply, type State } from './store.ts';
import { ThreadPanel } from './thread.tsx';

const WIDE = window.matchMedia('(min-width: 1000px)');
const NOTICE_MS = 6000;

export function App() {
  const [state, change] = useReducer<State, Change>(apply, undefined);
  const [online, setOnline] = useState(true);
  const [personaId, setPersonaId] = useState(recall('persona'));
  const [place, setPlace] = useState<Place>();
  const [thread, setThread] = useState<{ ts: string; byHand: boolean }>();
  const [menu, setMenu] = useState(false);
  const [unread, setUnread] = useState<ReadonlySet<string>>(new Set());
  const [notice, setNotice] = useState('');
  const [spoken, setSpoken] = useState('');
  /** false once a thread was closed by hand: then none opens by itself */
  const opensAlone = useRef(true);
  const now = useRef({ state, place, thread });
  now.current = { state, place, thread };

  useEffect(() => {
    const arrive = (channel: string, message: Message) => {
      const { state, place, thread } = now.current;
      if (state === undefined || state.messages[channel]?.some((one) => one.ts === message.ts)) return;
      const here = place === undefined ? channel === state.channels[0]?.id : place.kind === 'channel' && place.id === channel;
      const isReply = message.thread_ts !== undefined && message.thread_ts !== message.ts;
      if (!here) setUnread((before) => new Set([...before, channel]));
      setSpoken(`${userOf(state, message.user).realName}: ${wordsOf(message.text, (id) => userOf(state, id).realName)}`);
      const busy = thread !== undefined && (hasDraft(thread.ts) || document.querySelector('.thread :focus') !== null);
      if (
        here &&
        isReply &&
        message.bot_id !== undefined &&
        thread?.ts !== message.thread_ts &&
        opensAlone.current &&
        !busy &&
        WIDE.matches
      )
        setThread({ ts: message.thread_ts ?? '', byHand: false });
    };
    return listen((event) => {
      if (event.kind === 'message') arrive(event.channel, event.message);
      change(event);
    }, setOnline);
  }, []);

  useEffect(() => {
    if (notice === '') return;
    const timer = window.setTimeout(() => setNotice(''), NOTICE_MS);
    return () => window.clearTimeout(timer);
  }, [notice]);

  const act = useCallback<Page['act']>(async (action, body) => {
    try {
      await ask(action, body);
      return true;
    } catch (error) {
      setNotice(error instanceof TypeError ? 'The playground does not answer. Is it still running?' : (error as Error).message);
      return false;
    }
  }, []);

  if (state === undefined) return <div class="loading">{online ? '' : 'The playground does not answer. Trying again…'}</div>;

  const persona = userOf(state, state.personas.find((id) => id === personaId) ?? state.personas[0]);
  const channel = state.channels.find((one) => place?.kind === 'channel' && one.id === place.id) ?? state.channels[0];
  const atHome = place?.kind === 'home';
  const go = (next: Place) => {
    setPlace(next);
    setThread(undefined);
    setMenu(false);
    if (next.kind === 'home') void act('home', { user: persona.id });
    else setUnread((before) => new Set([...before].filter((id) => id !== next.id)));
  };
  const switchTo = (id: string) => {
    setPersonaId(id);
    remember('persona', id);
    if (atHome) void act('home', { user: id });
  };
  const openThread = (ts: string) => {
    opensAlone.current = true;
    setThread({ ts, byHand: true });
  };
  const closeThread = () => {
    opensAlone.current = false;
    setThread(undefined);
    document.querySelector<HTMLTextAreaElement>('.main textarea')?.focus();
  };
  const bot = userOf(state, state.bot);
  const modal = state.views.findLast(({ kind, user }) => kind === 'modal' && user === persona.id);
  return (
    <PageContext.Provider value={{ state, persona, act, openThread }}>
      <div class={thread === undefined ? 'app' : 'app app-thread'}>
        <Sidebar
          place={place ?? { kind: 'channel', id: channel?.id ?? '' }}
          unread={unread}
          open={menu}
          onGo={go}
          onClose={() => setMenu(false)}
        />
        <main class="main">
          <TopBar
            title={atHome ? bot.realName : `# ${channel?.name ?? ''}`}
            detail={atHome ? bot.title : (channel?.topic ?? '')}
            onMenu={() => setMenu(true)}
          >
            <Personas people={state.personas.map((id) => userOf(state, id))} current={persona.id} onSwitch={switchTo} />
          </TopBar>
          {online ? null : (
            <p class="banner" role="status">
              The playground does not answer. Trying again…
            </p>
          )}
          {online && !state.connected ? (
            <p class="banner" role="status">
              Ticketwise is not connected. What you write is kept for it.
            </p>
          ) : null}
          {atHome || channel === undefined ? <HomeView /> : <ChannelView channel={channel} />}
        </main>
        {thread === undefined || channel === undefined || atHome ? null : (
          <ThreadPanel key={thread.ts} channel={channel} ts={thread.ts} byHand={thread.byHand} onClose={closeThread} />
        )}
        {modal === undefined ? null : <Modal key={modal.id} view={modal} />}
        <div class="visually-hidden" aria-live="polite">
          {spoken}
        </div>
        {notice === '' ? null : (
          <p class="notice" role="alert">
            {notice}
          </p>
        )}
      </div>
    </PageContext.Provider>
  );
}
