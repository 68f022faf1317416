import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Completion, completionsFor } from './completion.ts';
import { EmojiButton } from './emoji-picker.tsx';
import { Icon } from './icons.tsx';
import { EMOJI, usePage } from './page-context.ts';

const MAX_HEIGHT_PX = 220;

/** What was begun and not sent, by place, so that another thread may be looked at meanwhile. */
const drafts = new Map<string, string>();

/** Whether something was begun here. */
export function hasDraft(place: string): boolean {
  return (drafts.get(place) ?? '') !== '';
}

/** Where one writes: Enter sends, Shift+Enter breaks the line, `/` `:` and `@` complete. */
export function Composer(props: { channel: string; name: string; threadTs?: string; takesFocus: boolean }) {
  const { channel, name, threadTs, takesFocus } = props;
  const { state, persona, act } = usePage();
  const place = threadTs ?? channel;
  const [text, setText] = useState(drafts.get(place) ?? '');
  const [caret, setCaret] = useState(0);
  const [choice, setChoice] = useState(0);
  const [closed, setClosed] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const moveTo = useRef<number | undefined>(undefined);

  const commands = threadTs === undefined ? state.commands : [];
  const offers = closed ? undefined : completionsFor(text, caret, { ...state, commands }, EMOJI);
  const listId = `offers-${place}`;
  const chosen = offers === undefined ? 0 : Math.min(choice, offers.items.length - 1);

  useEffect(() => {
    // On a phone the keyboard would cover what one came to read.
    if (takesFocus && window.matchMedia('(pointer: fine)').matches) box.current?.focus();
  }, [takesFocus]);
  useEffect(() => {
    drafts.set(place, text);
  }, [place, text]);
  useLayoutEffect(() => {
    const area = box.current;
    if (area === null) return;
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, MAX_HEIGHT_PX)}px`;
    if (moveTo.current !== undefined) {
      area.setSelectionRange(moveTo.current, moveTo.current);
      moveTo.current = undefined;
    }
  }, [text]);

  const write = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    setChoice(0);
    setClosed(false);
    moveTo.current = at;
    box.current?.focus();
  };
  const take = (item: Completion) => {
    if (offers === undefined) return;
    write(text.slice(0, offers.from) + item.insert + text.slice(caret), offers.from + item.insert.length);
  };
  const send = async () => {
    const said = text.trim();
    if (said === '') return;
    setText('');
    setCaret(0);
    const command = said.startsWith('/') && threadTs === undefined;
    const by = { user: persona.id, channel };
    const sent = command
      ? await act('command', { ...by, text: said })
      : await act('message', { ...by, text: said, ...(threadTs === undefined ? {} : { threadTs }) });
    if (!sent) setText((now) => (now === '' ? said : now));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const item = offers?.items[chosen];
    if (offers !== undefined && item !== undefined) {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        setChoice((chosen + step + offers.items.length) % offers.items.length);
        return;
      }
      if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) {
        event.preventDefault();
        take(item);
        return;
      }
      if (event.key === 'Escape') {
        event.stopPropagation();
        setClosed(true);
        return;
      }
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    void send();
  };

  return (
    <div class="composer">
      {offers === undefined ? null : (
        <div class="offers" id={listId} role="listbox" aria-label="Suggestions">
          {offers.items.map((item, i) => (
            <div
              key={item.insert}
              id={`${listId}-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === chosen}
              class="offer"
              onPointerDown={(event) => {
                event.preventDefault();
                take(item);
              }}
            >
              <span class="offer-label">{item.label}</span>
              <span class="offer-detail">{item.detail}</span>
            </div>
          ))}
        </div>
      )}
      <div class="composer-box">
        <textarea
          ref={box}
          rows={1}
          value={text}
          placeholder={threadTs === undefined ? `Message #${name} as ${persona.realName}` : `Reply as ${persona.realName}`}
          aria-label={threadTs === undefined ? `Message to #${name}` : 'Reply in thread'}
          aria-controls={listId}
          aria-autocomplete="list"
          {...(offers === undefined ? {} : { 'aria-activedescendant': `${listId}-${chosen}` })}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart);
            setChoice(0);
            setClosed(false);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <div class="composer-tools">
          <EmojiButton
            class="tool"
            label="Insert an emoji"
            onPick={(emoji) => write(`${text.slice(0, caret)}:${emoji}: ${text.slice(caret)}`, caret + emoji.length + 3)}
          />
          <span class="composer-hint">
            <kbd>Enter</kbd> sends, <kbd>Shift</kbd>+<kbd>Enter</kbd> breaks the line
            {threadTs === undefined ? (
              <>
                , <kbd>/</kbd> lists commands
              </>
            ) : null}
          </span>
          <button type="button" class="send" aria-label="Send" title="Send" disabled={text.trim() === ''} onClick={() => void send()}>
            <Icon name="send" />
          </button>
        </div>
      </div>
    </div>
  );
}
