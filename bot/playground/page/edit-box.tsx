import { useEffect, useRef } from 'preact/hooks';

/** A message being edited: Enter saves, Escape leaves it as it was. */
export function EditBox({ text, onSave, onCancel }: { text: string; onSave: (text: string) => void; onCancel: () => void }) {
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => box.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onCancel();
    }
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const next = box.current?.value.trim() ?? '';
    if (next === '') onCancel();
    else onSave(next);
  };
  return (
    <div class="edit-box">
      <textarea ref={box} rows={2} aria-label="Edit message" defaultValue={typed(text)} onKeyDown={onKeyDown} />
      <span>Enter saves, Escape cancels</span>
    </div>
  );
}

/** Stored text as it was typed. */
function typed(text: string): string {
  return text
    .replace(/<(https?:[^>|]+)(?:\|[^>]*)?>/g, '$1')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
