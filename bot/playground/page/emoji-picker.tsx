import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { EMOJI_TABLE } from '../emoji-table.ts';
import { Icon } from './icons.tsx';
import { EMOJI, usePage } from './page-context.ts';

const GROUPS = EMOJI_TABLE.map(({ title, emoji }) => ({ title, names: emoji.split(/\s+/).filter((_, i) => i % 2 === 0) }));
const WIDTH = 340;
const HEIGHT = 400;
const EDGE = 8;

/** A button that opens the picker. */
export function EmojiButton({ label, onPick, ...rest }: { label: string; class: string; onPick: (name: string) => void }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        type="button"
        ref={button}
        class={rest.class}
        aria-label={label}
        title={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="emoji" />
      </button>
      {open ? (
        <EmojiPicker
          anchor={button.current}
          onClose={close}
          onPick={(name) => {
            close();
            onPick(name);
          }}
        />
      ) : null}
    </>
  );
}

function EmojiPicker({ anchor, onPick, onClose }: { anchor: HTMLElement | null; onPick: (name: string) => void; onClose: () => void }) {
  const { state } = usePage();
  const [query, setQuery] = useState('');
  const [hint, setHint] = useState('');
  const panel = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);

  useLayoutEffect(() => {
    const box = panel.current;
    const at = anchor?.getBoundingClientRect();
    if (box === null || at === undefined) return;
    const left = Math.min(Math.max(EDGE, at.right - WIDTH), window.innerWidth - WIDTH - EDGE);
    const above = at.top - HEIGHT - EDGE;
    box.style.left = `${Math.max(EDGE, left)}px`;
    box.style.top = `${above >= EDGE ? above : Math.max(EDGE, Math.min(at.bottom + EDGE, window.innerHeight - HEIGHT - EDGE))}px`;
    search.current?.focus();
  }, [anchor]);

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      const target = event.target as Node;
      if (!panel.current?.contains(target) && !anchor?.contains(target)) onClose();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [anchor, onClose]);

  const wanted = query
    .trim()
    .toLowerCase()
    .replace(/[\s:]+/g, '_')
    .replace(/^_|_$/g, '');
  const fits = (name: string, meaning = '') => name.includes(wanted) || meaning.toLowerCase().includes(query.trim().toLowerCase());
  const meant = state.meanings
    .map((group) => ({ ...group, items: group.items.filter((item) => fits(item.emoji, item.meaning)) }))
    .filter((group) => group.items.length > 0);
  const above = new Set(meant.flatMap((group) => group.items.map((item) => item.emoji)));
  const groups = GROUPS.map((group) => ({ ...group, names: group.names.filter((name) => fits(name) && !above.has(name)) })).filter(
    (group) => group.names.length > 0,
  );

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onClose();
      return;
    }
    const buttons = [...(panel.current?.querySelectorAll<HTMLButtonElement>('button[data-emoji]') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === 'Enter' && at === -1) {
      event.preventDefault();
      buttons[0]?.click();
      return;
    }
    const next = neighbour(buttons, at, event.key);
    if (next === undefined || (at === -1 && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    (next ?? search.current)?.focus();
  };

  return (
    <div class="picker" ref={panel} role="dialog" aria-label="Emoji" onKeyDown={onKeyDown}>
      <input
        ref={search}
        class="picker-search"
        type="text"
        placeholder="Search emoji"
        aria-label="Search emoji"
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      <div class="picker-body">
        {meant.map((group) => (
          <section key={group.title}>
            <h5>{group.title}</h5>
            <div class="picker-meanings">
              {group.items.map(({ emoji, meaning }) => (
                <button
                  type="button"
                  key={emoji}
                  data-emoji={emoji}
                  class="meaning"
                  title={`:${emoji}: ${meaning}`}
                  onClick={() => onPick(emoji)}
                >
                  <span class="emoji">{EMOJI[emoji] ?? `:${emoji}:`}</span> {meaning}
                </button>
              ))}
            </div>
          </section>
        ))}
        {groups.map((group) => (
          <section key={group.title}>
            <h5>{group.title}</h5>
            <div class="picker-grid">
              {group.names.map((name) => (
                <button
                  type="button"
                  key={name}
                  data-emoji={name}
                  tabIndex={-1}
                  aria-label={name.replaceAll('_', ' ')}
                  onFocus={() => setHint(name)}
                  onPointerEnter={() => setHint(name)}
                  onClick={() => onPick(name)}
                >
                  {EMOJI[name]}
                </button>
              ))}
            </div>
          </section>
        ))}
        {meant.length + groups.length === 0 ? <p class="picker-none">No emoji is called “{query}”.</p> : null}
      </div>
      <div class="picker-hint" aria-hidden="true">
        {hint === '' ? 'Arrow keys move, Enter picks' : `${EMOJI[hint] ?? ''} :${hint}:`}
      </div>
    </div>
  );
}

/** Where an arrow leads: along the row, or to the nearest above or below. null leads back to the search. */
function neighbour(buttons: HTMLButtonElement[], at: number, key: string): HTMLButtonElement | null | undefined {
  if (at === -1) return buttons[0];
  if (key === 'ArrowRight') return buttons[at + 1];
  if (key === 'ArrowLeft') return buttons[at - 1];
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  const from = buttons[at]?.getBoundingClientRect();
  if (from === undefined) return undefined;
  const down = key === 'ArrowDown';
  let best: { button: HTMLButtonElement; distance: number } | undefined;
  for (const button of buttons) {
    const to = button.getBoundingClientRect();
    const rise = down ? to.top - from.top : from.top - to.top;
    if (rise < from.height / 2) continue;
    const distance = rise * 10 + Math.abs(to.left + to.width / 2 - from.left - from.width / 2);
    if (best === undefined || distance < best.distance) best = { button, distance };
  }
  return best?.button ?? (down ? undefined : null);
}
