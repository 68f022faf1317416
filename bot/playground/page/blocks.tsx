import { useState } from 'preact/hooks';
import type { Block } from '../wire.ts';
import { Field } from './field.tsx';
import { type Fields, list, record } from './loose.ts';
import { Mrkdwn, Plain } from './marks.tsx';
import { RichText } from './rich-text.tsx';

type Click = (actionId: string, blockId: string | undefined) => Promise<unknown>;

/** Block Kit, as far as messages, App Home and forms use it, with what is wrong with a form's fields. What is not known is left out. */
export function Blocks(props: { blocks: Block[]; onClick: Click; errors?: Record<string, string> | undefined }) {
  const { blocks, onClick, errors = {} } = props;
  return (
    <div class="blocks">
      {blocks.map((block, i) => (
        <One key={block.block_id ?? i} block={block} onClick={onClick} error={errors[block.block_id ?? '']} />
      ))}
    </div>
  );
}

function One({ block, onClick, error }: { block: Block; onClick: Click; error: string | undefined }) {
  switch (block.type) {
    case 'input':
      return <Field block={block} error={error} />;
    case 'header':
      return (
        <h4 class="block-header">
          <Text value={block.text} />
        </h4>
      );
    case 'divider':
      return <hr />;
    case 'section':
      return (
        <div class="block-section">
          <div class="block-section-body">
            {block.text === undefined ? null : (
              <div class="prose">
                <Text value={block.text} />
              </div>
            )}
            {Array.isArray(block.fields) ? (
              <div class="block-fields">
                {block.fields.map((field: unknown, i) => (
                  <div key={i} class="prose">
                    <Text value={field} />
                  </div>
                ))}
              </div>
            ) : null}
          </div>
          {block.accessory === undefined ? null : <Element value={block.accessory} blockId={block.block_id} onClick={onClick} />}
        </div>
      );
    case 'context':
      return (
        <div class="block-context prose">
          {list(block.elements).map((element, i) => (
            <span key={i}>{element.type === 'image' ? <Picture value={element} /> : <Text value={element} />}</span>
          ))}
        </div>
      );
    case 'actions':
      return (
        <div class="block-actions">
          {list(block.elements).map((element, i) => (
            <Element key={String(element.action_id ?? i)} value={element} blockId={block.block_id} onClick={onClick} />
          ))}
        </div>
      );
    case 'image':
      return (
        <figure>
          {block.title === undefined ? null : (
            <figcaption>
              <Text value={block.title} />
            </figcaption>
          )}
          <Picture value={block} />
        </figure>
      );
    case 'rich_text':
      return <RichText elements={list(block.elements)} />;
    case 'markdown':
      return <div class="prose">{String(block.text ?? '')}</div>;
    default:
      return null;
  }
}

/** A text object of Slack's, with its markup or without. */
export function Text({ value }: { value: unknown }) {
  const { type, text } = record(value);
  if (typeof text !== 'string') return null;
  return type === 'plain_text' ? <Plain text={text} /> : <Mrkdwn text={text} />;
}

function Element({ value, blockId, onClick }: { value: unknown; blockId: string | undefined; onClick: Click }) {
  const [busy, setBusy] = useState(false);
  const element = record(value);
  if (element.type === 'image') return <Picture value={element} />;
  if (element.type !== 'button') return null;
  const click = async () => {
    setBusy(true);
    await onClick(String(element.action_id ?? ''), blockId);
    setBusy(false);
  };
  return (
    <button
      type="button"
      class={`button ${typeof element.style === 'string' ? `button-${element.style}` : ''}`}
      disabled={busy}
      onClick={() => void click()}
    >
      <Text value={element.text} />
    </button>
  );
}

/** Pictures of this server only; of others the page, which loads nothing from elsewhere, shows the words. */
function Picture({ value }: { value: Fields }) {
  const alt = String(value.alt_text ?? '');
  const own = typeof value.image_url === 'string' && value.image_url.startsWith('/playground/files/') ? value.image_url : undefined;
  return own === undefined ? <span class="picture-words">{alt}</span> : <img class="picture" src={own} alt={alt} />;
}
