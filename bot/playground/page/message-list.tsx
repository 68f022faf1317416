import { Fragment } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { EphemeralRow, MessageRow } from './message.tsx';
import type { Entry } from './store.ts';
import { dayOf } from './time.ts';

const NEAR_BOTTOM_PX = 120;
const SAME_BREATH_S = 300;

/** Lines with a divider for each day. It stays at the end when it was there. */
export function MessageList(props: { channel: string; entries: Entry[]; label: string; thread?: string }) {
  const { channel, entries, thread, label } = props;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const place = `${channel} ${thread ?? ''}`;
  const last = entries.at(-1);
  const lastKey = last === undefined ? '' : JSON.stringify(last);
  const count = thread === undefined ? 0 : entries.length - 1;

  useEffect(() => {
    atEnd.current = true;
  }, [place]);
  useLayoutEffect(() => {
    if (atEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lastKey, entries.length, place]);

  useEffect(() => {
    const list = box.current;
    if (list === null) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) list.scrollTop = list.scrollHeight;
    });
    observer.observe(list);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box.current ?? {};
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
  };
  return (
    <div class="scroller" ref={box} onScroll={onScroll}>
      <ol class="messages" aria-label={label}>
        {entries.map((entry, i) => {
          const before = entries[i - 1];
          const newDay = thread === undefined && (before === undefined || dayOf(before.ts) !== dayOf(entry.ts));
          const row =
            'message' in entry ? (
              <MessageRow
                channel={channel}
                message={entry.message}
                inThread={thread !== undefined}
                follows={!newDay && i !== (thread === undefined ? 0 : 1) && follows(before, entry)}
              />
            ) : (
              <EphemeralRow ephemeral={entry.ephemeral} />
            );
          return (
            <Fragment key={entry.ts}>
              {newDay ? (
                <li class="day">
                  <span>{dayOf(entry.ts)}</span>
                </li>
              ) : null}
              {row}
              {i === 0 && count > 0 ? (
                <li class="day day-replies">
                  <span>{count === 1 ? '1 reply' : `${count} replies`}</span>
                </li>
              ) : null}
            </Fragment>
          );
        })}
      </ol>
    </div>
  );
}

function follows(before: Entry | undefined, entry: Entry): boolean {
  if (before === undefined || !('message' in before) || !('message' in entry)) return false;
  if (before.message.subtype === 'channel_join' || (before.message.reply_count ?? 0) > 0) return false;
  return before.message.user === entry.message.user && Number(entry.ts) - Number(before.ts) < SAME_BREATH_S;
}
