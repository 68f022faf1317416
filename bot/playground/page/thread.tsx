import type { Channel } from '../wire.ts';
import { Composer } from './composer.tsx';
import { Icon } from './icons.tsx';
import { MessageList } from './message-list.tsx';
import { usePage } from './page-context.ts';
import { entriesOf } from './store.ts';

/** A message and its replies, beside the channel. */
export function ThreadPanel(props: { channel: Channel; ts: string; byHand: boolean; onClose: () => void }) {
  const { channel, ts, byHand, onClose } = props;
  const { state, persona } = usePage();
  const entries = entriesOf(state, channel.id, persona.id, ts);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
  };
  return (
    <aside class="thread" aria-label="Thread" onKeyDown={onKeyDown}>
      <header class="topbar">
        <div class="topbar-words">
          <h1>Thread</h1>
          <p>#{channel.name}</p>
        </div>
        <button type="button" class="tool" aria-label="Close thread" title="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {entries.length === 0 ? (
        <p class="gone">This message was deleted.</p>
      ) : (
        <>
          <MessageList channel={channel.id} entries={entries} thread={ts} label="Thread" />
          <Composer key={ts} channel={channel.id} name={channel.name} threadTs={ts} takesFocus={byHand} />
        </>
      )}
    </aside>
  );
}
