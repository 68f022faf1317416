import type { Message } from '../wire.ts';
import { EmojiButton } from './emoji-picker.tsx';
import { Emoji } from './marks.tsx';
import { usePage, userOf } from './page-context.ts';

/** The emoji under a message: a click adds one's own or takes it back. */
export function Reactions({ message, onReact }: { message: Message; onReact: (name: string, on: boolean) => void }) {
  const { state, persona } = usePage();
  const reactions = message.reactions ?? [];
  if (reactions.length === 0) return null;
  const meanings = new Map(state.meanings.flatMap((group) => group.items.map((item) => [item.emoji, item.meaning])));
  return (
    <div class="reactions">
      {reactions.map((reaction) => {
        const mine = reaction.users.includes(persona.id);
        const people = reaction.users.map((id) => (id === persona.id ? 'you' : userOf(state, id).realName)).join(', ');
        const meaning = meanings.get(reaction.name);
        return (
          <button
            type="button"
            key={reaction.name}
            class="reaction"
            aria-pressed={mine}
            aria-label={`${reaction.name.replaceAll('_', ' ')}: ${people}`}
            title={`${people} reacted with :${reaction.name}:${meaning === undefined ? '' : ` (${meaning})`}`}
            onClick={() => onReact(reaction.name, !mine)}
          >
            <Emoji name={reaction.name} />
            <span class="count">{reaction.count}</span>
          </button>
        );
      })}
      <EmojiButton class="reaction reaction-add" label="Add a reaction" onPick={(name) => onReact(name, true)} />
    </div>
  );
}
