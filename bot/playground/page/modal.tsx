import { useEffect, useRef, useState } from 'preact/hooks';
import type { View } from '../wire.ts';
import { Blocks, Text } from './blocks.tsx';
import { Icon } from './icons.tsx';
import { usePage } from './page-context.ts';

/** What Slack writes on the button that closes a modal, where the bot says nothing else. */
const CANCEL = { type: 'plain_text', text: 'Cancel' };

/** A form that the bot opened for this person: it stays until it is sent and taken, or closed. */
export function Modal({ view }: { view: View }) {
  const { persona, act } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const own = { user: persona.id, viewId: view.id };
  const close = () => void act('close', own);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await act('submit', { ...own, values: valuesOf(event.currentTarget as HTMLFormElement) });
    setBusy(false);
  };
  useEffect(() => dialog.current?.showModal(), []);
  const general = view.errors?.[''];
  return (
    <dialog
      ref={dialog}
      class="modal"
      aria-labelledby="modal-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <form onSubmit={(event) => void send(event)}>
        <header>
          <h2 id="modal-title">
            <Text value={view.source.title} />
          </h2>
          <button type="button" class="tool" aria-label="Close" title="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        <div class="modal-body content">
          {general === undefined ? null : (
            <p class="field-error" role="alert">
              {general}
            </p>
          )}
          <Blocks blocks={view.blocks} errors={view.errors} onClick={async () => undefined} />
        </div>
        <footer>
          <button type="button" class="button" onClick={close}>
            <Text value={view.source.close ?? CANCEL} />
          </button>
          {view.source.submit === undefined ? null : (
            <button type="submit" class="button button-primary" disabled={busy}>
              <Text value={view.source.submit} />
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}

/** What the menus of a form have chosen, as Slack sends it: by block and action. */
function valuesOf(form: HTMLFormElement): Record<string, Record<string, unknown>> {
  const menus = [...form.querySelectorAll<HTMLSelectElement>('select[data-block]')];
  return Object.fromEntries(
    menus.map(({ dataset, selectedOptions, value }) => {
      const text = { type: 'plain_text', text: selectedOptions[0]?.textContent ?? '', emoji: true };
      const chosen = value === '' ? null : { text, value };
      return [dataset.block ?? '', { [dataset.action ?? '']: { type: 'static_select', selected_option: chosen } }];
    }),
  );
}
