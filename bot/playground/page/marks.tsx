import type { ComponentChildren } from 'preact';
import { type Mark, parseMrkdwn, parsePlain } from './mrkdwn.ts';
import { EMOJI, usePage, userOf } from './page-context.ts';

/** An emoji by Slack's name; one without a character stays `:name:`. */
export function Emoji({ name }: { name: string }) {
  const [base = name] = name.split('::');
  const character = EMOJI[base];
  if (character === undefined) return <span class="emoji-name">:{name}:</span>;
  return (
    <span class="emoji" role="img" aria-label={base.replaceAll('_', ' ')} title={`:${base}:`}>
      {character}
    </span>
  );
}

/** Text with Slack's markup. */
export function Mrkdwn({ text }: { text: string }) {
  return <Marks marks={parseMrkdwn(text)} />;
}

/** Text in which emoji alone have a meaning. */
export function Plain({ text }: { text: string }) {
  return <Marks marks={parsePlain(text)} />;
}

export function Mention({ id }: { id: string }) {
  const { state, persona } = usePage();
  return <span class={id === persona.id ? 'mention mention-me' : 'mention'}>@{userOf(state, id).realName}</span>;
}

function Marks({ marks }: { marks: Mark[] }) {
  return (
    <>
      {marks.map((mark, i) => (
        <One key={i} mark={mark} />
      ))}
    </>
  );
}

function One({ mark }: { mark: Mark }): ComponentChildren {
  const { state } = usePage();
  switch (mark.kind) {
    case 'text':
    case 'date':
      return mark.text;
    case 'bold':
      return (
        <strong>
          <Marks marks={mark.children} />
        </strong>
      );
    case 'italic':
      return (
        <em>
          <Marks marks={mark.children} />
        </em>
      );
    case 'strike':
      return (
        <s>
          <Marks marks={mark.children} />
        </s>
      );
    case 'quote':
      return (
        <blockquote>
          <Marks marks={mark.children} />
        </blockquote>
      );
    case 'code':
      return <code>{mark.text}</code>;
    case 'pre':
      return <pre>{mark.text}</pre>;
    case 'link':
      return (
        <a href={mark.url} target="_blank" rel="noopener noreferrer">
          {mark.label}
        </a>
      );
    case 'user':
      return <Mention id={mark.id} />;
    case 'channel':
      return <span class="mention">#{state.channels.find((channel) => channel.id === mark.id)?.name ?? mark.id}</span>;
    case 'broadcast':
      return <span class="mention">@{mark.id}</span>;
    case 'emoji':
      return <Emoji name={mark.name} />;
  }
}
