import type { ComponentChildren } from 'preact';
import { Emoji, Mention } from './marks.tsx';

type Fields = Record<string, unknown>;

/** A `rich_text` block: sections, lists, quotes, code. */
export function RichText({ elements }: { elements: Fields[] }) {
  return (
    <>
      {elements.map((element, i) => (
        <Part key={i} element={element} />
      ))}
    </>
  );
}

function Part({ element }: { element: Fields }) {
  const children = (Array.isArray(element.elements) ? element.elements : []) as Fields[];
  const inline = children.map((child, i) => <Inline key={i} element={child} />);
  switch (element.type) {
    case 'rich_text_quote':
      return <blockquote>{inline}</blockquote>;
    case 'rich_text_preformatted':
      return <pre>{inline}</pre>;
    case 'rich_text_list': {
      const items = children.map((child, i) => <li key={i}>{<Part element={child} />}</li>);
      return element.style === 'ordered' ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    default:
      return <div class="prose">{inline}</div>;
  }
}

function Inline({ element }: { element: Fields }): ComponentChildren {
  switch (element.type) {
    case 'emoji':
      return <Emoji name={String(element.name)} />;
    case 'user':
      return <Mention id={String(element.user_id)} />;
    case 'link': {
      const url = String(element.url);
      const label = String(element.text ?? url);
      return /^(https?:|mailto:)/i.test(url) ? (
        <a href={url} target="_blank" rel="noopener noreferrer">
          {label}
        </a>
      ) : (
        label
      );
    }
    default: {
      let content: ComponentChildren = String(element.text ?? '');
      const style = (element.style ?? {}) as Record<string, boolean>;
      if (style.code) content = <code>{content}</code>;
      if (style.strike) content = <s>{content}</s>;
      if (style.italic) content = <em>{content}</em>;
      if (style.bold) content = <strong>{content}</strong>;
      return content;
    }
  }
}
