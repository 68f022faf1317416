import { useState } from 'preact/hooks';
import type { Ephemeral, Message } from '../wire.ts';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks.tsx';
import { EditBox } from './edit-box.tsx';
import { EmojiButton } from './emoji-picker.tsx';
import { Icon } from './icons.tsx';
import { Mrkdwn } from './marks.tsx';
import { usePage, userOf } from './page-context.ts';
import { Reactions } from './reactions.tsx';
import { momentOf, timeOf } from './time.ts';

/** One message with what can be done to it. `follows`: by the same person, shortly after. */
export function MessageRow(props: { channel: string; message: Message; follows: boolean; inThread: boolean }) {
  const { channel, message, follows, inThread } = props;
  const { state, persona, act, openThread } = usePage();
  const [editing, setEditing] = useState(false);
  const user = userOf(state, message.user);
  const at = { user: persona.id, channel, ts: message.ts };
  const react = (name: string, on: boolean) => void act('reaction', { ...at, name, on });
  if (message.subtype === 'channel_join') {
    return (
      <li class="message-note" data-ts={message.ts}>
        <Mrkdwn text={message.text} />
      </li>
    );
  }
  return (
    <li class={follows ? 'message message-follows' : 'message'} data-ts={message.ts}>
      {follows ? (
        <time class="gutter" title={momentOf(message.ts)}>
          {timeOf(message.ts)}
        </time>
      ) : (
        <Avatar user={user} />
      )}
      <div class="message-main">
        {follows ? null : <Byline userId={message.user} ts={message.ts} />}
        {editing ? (
          <EditBox
            text={message.text}
            onCancel={() => setEditing(false)}
            onSave={(text) => {
              setEditing(false);
              void act('edit', { ...at, text });
            }}
          />
        ) : (
          <Content
            source={message}
            edited={message.edited !== undefined}
            onClick={(actionId, blockId) => act('click', { ...at, actionId, ...(blockId === undefined ? {} : { blockId }) })}
          />
        )}
        <Reactions message={message} onReact={react} />
        {!inThread && (message.reply_count ?? 0) > 0 ? <ThreadLink message={message} /> : null}
      </div>
      <div class="toolbar" role="toolbar" aria-label="Message actions">
        <EmojiButton class="tool" label="Add a reaction" onPick={(name) => react(name, true)} />
        {inThread ? null : (
          <button type="button" class="tool" aria-label="Reply in thread" title="Reply in thread" onClick={() => openThread(message.ts)}>
            <Icon name="reply" />
          </button>
        )}
        {message.user === persona.id ? (
          <>
            <button type="button" class="tool" aria-label="Edit" title="Edit" onClick={() => setEditing(true)}>
              <Icon name="edit" />
            </button>
            <button type="button" class="tool" aria-label="Delete" title="Delete" onClick={() => void act('delete', at)}>
              <Icon name="trash" />
            </button>
          </>
        ) : null}
      </div>
    </li>
  );
}

/** What one person alone sees. */
export function EphemeralRow({ ephemeral }: { ephemeral: Ephemeral }) {
  const { state, persona, act } = usePage();
  const { channel, ts } = ephemeral;
  return (
    <li class="message message-private" data-ts={ts}>
      <div class="private-note">
        <Icon name="eye" size={14} /> Only visible to you
      </div>
      <Avatar user={userOf(state, ephemeral.from)} />
      <div class="message-main">
        <Byline userId={ephemeral.from} ts={ts} />
        <Content
          source={ephemeral}
          edited={false}
          onClick={(actionId, blockId) =>
            act('click', { user: persona.id, channel, ts, actionId, ...(blockId === undefined ? {} : { blockId }) })
          }
        />
        <button type="button" class="link" onClick={() => void act('dismiss', { ts })}>
          Dismiss message
        </button>
      </div>
    </li>
  );
}

function Byline({ userId, ts }: { userId: string | undefined; ts: string }) {
  const { state } = usePage();
  const user = userOf(state, userId);
  return (
    <div class="byline">
      <span class="name">{user.realName}</span>
      {user.isBot ? <span class="badge">APP</span> : <span class="role">{user.role}</span>}
      <time title={momentOf(ts)}>{timeOf(ts)}</time>
    </div>
  );
}

function Content(props: {
  source: Pick<Message, 'text' | 'blocks' | 'files'>;
  edited: boolean;
  onClick: (actionId: string, blockId: string | undefined) => Promise<unknown>;
}) {
  const { text, blocks = [], files = [] } = props.source;
  const mark = props.edited ? <span class="edited"> (edited)</span> : null;
  return (
    <div class="content">
      {blocks.length > 0 ? (
        <>
          <Blocks blocks={blocks} onClick={props.onClick} />
          {mark}
        </>
      ) : (
        <div class="prose">
          <Mrkdwn text={text} />
          {mark}
        </div>
      )}
      {files.map((file) =>
        file.mimetype.startsWith('image/') ? (
          <a key={file.id} href={file.url_private} target="_blank" rel="noreferrer">
            <img class="picture" src={file.url_private} alt={file.title} />
          </a>
        ) : (
          <a key={file.id} class="file" href={file.url_private} download={file.name}>
            <Icon name="file" /> {file.title}
          </a>
        ),
      )}
    </div>
  );
}

function ThreadLink({ message }: { message: Message }) {
  const { state, openThread } = usePage();
  const count = message.reply_count ?? 0;
  return (
    <button type="button" class="thread-link" onClick={() => openThread(message.ts)}>
      <span class="faces">
        {(message.reply_users ?? []).slice(0, 4).map((id) => (
          <Avatar key={id} user={userOf(state, id)} size={22} />
        ))}
      </span>
      <span class="thread-count">{count === 1 ? '1 reply' : `${count} replies`}</span>
      <span class="thread-last">Last reply {timeOf(message.latest_reply ?? message.ts)}</span>
    </button>
  );
}
