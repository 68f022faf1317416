import type { ComponentChildren } from 'preact';
import type { Channel } from '../wire.ts';
import { Composer } from './composer.tsx';
import { Icon } from './icons.tsx';
import { MessageList } from './message-list.tsx';
import { usePage } from './page-context.ts';
import { entriesOf } from './store.ts';

/** The bar above the main part. */
export function TopBar({
  title,
  detail,
  onMenu,
  children,
}: {
  title: ComponentChildren;
  detail: string;
  onMenu: () => void;
  children: ComponentChildren;
}) {
  return (
    <header class="topbar">
      <button type="button" class="tool menu" aria-label="Menu" onClick={onMenu}>
        <Icon name="menu" />
      </button>
      <div class="topbar-words">
        <h1>{title}</h1>
        <p>{detail}</p>
      </div>
      {children}
    </header>
  );
}

/** A channel: its messages, or some to begin with, and where one writes. */
export function ChannelView({ channel }: { channel: Channel }) {
  const { state, persona, act } = usePage();
  const entries = entriesOf(state, channel.id, persona.id);
  const listens = channel.members.includes(state.bot);
  return (
    <>
      {entries.length === 0 ? (
        <div class="scroller">
          <div class="welcome">
            <span class="welcome-mark">
              <Icon name="hash" size={28} />
            </span>
            <h2>This is #{channel.name}</h2>
            {listens ? (
              <>
                <p>
                  Write what a customer would. Ticketwise answers in a thread with category and priority; react with an emoji to correct it.
                  Try one of these:
                </p>
                <div class="samples">
                  {state.samples.map((text) => (
                    <button
                      type="button"
                      key={text}
                      class="sample"
                      onClick={() => {
                        // the button goes away, and with it the focus
                        document.querySelector<HTMLTextAreaElement>('.main textarea')?.focus();
                        void act('message', { user: persona.id, channel: channel.id, text });
                      }}
                    >
                      {text}
                    </button>
                  ))}
                </div>
              </>
            ) : (
              <p>Ticketwise is not a member here, so it sees nothing of what you write.</p>
            )}
          </div>
        </div>
      ) : (
        <MessageList channel={channel.id} entries={entries} label={`Messages in #${channel.name}`} />
      )}
      <Composer key={channel.id} channel={channel.id} name={channel.name} takesFocus />
    </>
  );
}
