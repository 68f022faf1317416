import { useId } from 'preact/hooks';
import type { Block } from '../wire.ts';
import { EMOJI } from './page-context.ts';

type Fields = Record<string, unknown>;
type Option = { text?: { text?: string }; value?: string };

/** An `input` block with a menu in it, and what the bot said of its choice. */
export function Field({ block, error }: { block: Block; error: string | undefined }) {
  const id = useId();
  const element = block.element as Fields | undefined;
  if (element?.type !== 'static_select') return null;
  const groups = list<{ label?: { text?: string }; options?: Option[] }>(element.option_groups);
  const initial = (element.initial_option as Option | undefined)?.value ?? '';
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
        {list<Option>(element.options).map((option) => (
          <Choice key={option.value} option={option} initial={initial} />
        ))}
        {groups.map((group, i) => (
          <optgroup key={i} label={textOf(group.label)}>
            {list<Option>(group.options).map((option) => (
              <Choice key={option.value} option={option} initial={initial} />
            ))}
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

function Choice({ option, initial }: { option: Option; initial: string }) {
  return (
    <option value={option.value} selected={option.value === initial}>
      {textOf(option.text)}
    </option>
  );
}

/** A menu shows characters alone, so that emoji are put in place of their names. */
function textOf(value: unknown): string {
  const text = String((value as { text?: unknown } | undefined)?.text ?? '');
  return text.replace(/:([a-z0-9_+'-]+):/g, (whole, name: string) => EMOJI[name] ?? whole);
}

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
