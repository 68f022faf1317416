import { Blocks } from './blocks.tsx';
import { usePage } from './page-context.ts';

/** The bot's App Home, as it published it for this person. */
export function HomeView() {
  const { state, persona, act } = usePage();
  const view = state.views.find(({ kind, user }) => kind === 'home' && user === persona.id);
  return (
    <div class="scroller">
      <div class="home">
        {view === undefined ? (
          <p class="gone">Ticketwise has not published a home for {persona.realName}.</p>
        ) : (
          <Blocks
            blocks={view.blocks}
            onClick={(actionId, blockId) =>
              act('click-home', { user: persona.id, actionId, ...(blockId === undefined ? {} : { blockId }) })
            }
          />
        )}
      </div>
    </div>
  );
}
