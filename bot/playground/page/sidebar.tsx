import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { usePage, userOf } from './page-context.ts';
import { ThemeButton } from './theme.tsx';

/** What the main part shows: a channel, or the bot's home. */
export type Place = { kind: 'channel'; id: string } | { kind: 'home' };

export function Sidebar(props: {
  place: Place;
  unread: ReadonlySet<string>;
  open: boolean;
  onGo: (place: Place) => void;
  onClose: () => void;
}) {
  const { place, unread, open, onGo, onClose } = props;
  const { state } = usePage();
  const bot = userOf(state, state.bot);
  return (
    <>
      {open ? <button type="button" class="veil" aria-label="Close the menu" onClick={onClose} /> : null}
      <nav class={open ? 'sidebar sidebar-open' : 'sidebar'} aria-label="Channels">
        <header class="team">
          <span class="team-mark" aria-hidden="true">
            {state.team.name[0]}
          </span>
          <span class="team-words">
            <strong>{state.team.name}</strong>
            <span>Playground on this machine</span>
          </span>
        </header>
        <h2>Channels</h2>
        <ul>
          {state.channels.map((channel) => {
            const here = place.kind === 'channel' && place.id === channel.id;
            return (
              <li key={channel.id}>
                <button
                  type="button"
                  class={unread.has(channel.id) ? 'entry entry-unread' : 'entry'}
                  aria-current={here ? 'page' : undefined}
                  onClick={() => onGo({ kind: 'channel', id: channel.id })}
                >
                  <Icon name="hash" size={16} /> {channel.name}
                  {unread.has(channel.id) ? <span class="visually-hidden"> (unread)</span> : null}
                </button>
              </li>
            );
          })}
        </ul>
        <h2>Apps</h2>
        <ul>
          <li>
            <button
              type="button"
              class="entry"
              aria-current={place.kind === 'home' ? 'page' : undefined}
              onClick={() => onGo({ kind: 'home' })}
            >
              <Avatar user={bot} size={20} /> {bot.realName}
              <span class={state.connected ? 'dot dot-on' : 'dot'} title={state.connected ? 'Connected' : 'Not connected'} />
            </button>
          </li>
        </ul>
        <footer>
          <ThemeButton />
        </footer>
      </nav>
    </>
  );
}
