import { useId } from 'preact/hooks';
import type { Block } from '../wire.ts';
import { type Fields, list, record } from './loose.ts';
import { EMOJI } from './page-context.ts';

/** An `input` block with a menu in it, and what the bot said of its choice. */
export function Field({ block, error }: { block: Block; error: string | undefined }) {
  const id = useId();
  const element = record(block.element);
  if (element.type !== 'static_select') return null;
  const initial = String(record(element.initial_option).value ?? '');
  const optional = block.optional === true;
  return (
    <div class="field">
      <label for={id}>
        {textOf(block.label)}
        {optional ? <span class="field-optional"> (optional)</span> : null}
      </label>
      <select
        id={id}
        required={!optional}
        data-block={block.block_id}
        data-action={String(element.action_id ?? '')}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
      >
        {optional || initial === '' ? <option value="">{textOf(element.placeholder)}</option> : null}
        <Choices options={element.options} initial={initial} />
        {list(element.option_groups).map((group, i) => (
          <optgroup key={i} label={textOf(group.label)}>
            <Choices options={group.options} initial={initial} />
          </optgroup>
        ))}
      </select>
      {error === undefined ? null : (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function Choices({ options, initial }: { options: unknown; initial: string }) {
  return (
    <>
      {list(options).map(({ text, value }: Fields) => (
        <option key={String(value)} value={String(value)} selected={value === initial}>
          {textOf(text)}
        </option>
      ))}
    </>
  );
}

/** A menu shows characters alone, so that emoji are put in place of their names. */
function textOf(value: unknown): string {
  return String(record(value).text ?? '').replace(/:([a-z0-9_+'-]+):/g, (whole, name: string) => EMOJI[name] ?? whole);
}
