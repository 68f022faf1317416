import type { Change } from '../wire.ts';

/** Listens to the workspace; the browser reconnects by itself, and each connection starts with a snapshot. Returns how to stop. */
export function listen(onChange: (change: Change) => void, onOnline: (online: boolean) => void): () => void {
  let source: EventSource;
  let again: number | undefined;
  const open = () => {
    source = new EventSource('/playground/events');
    source.onmessage = ({ data }) => onChange(JSON.parse(data) as Change);
    source.onopen = () => onOnline(true);
    source.onerror = () => {
      onOnline(false);
      // A refused connection is closed for good, and only then it is ours to try again.
      if (source.readyState === EventSource.CLOSED) again = window.setTimeout(open, 1500);
    };
  };
  open();
  return () => {
    window.clearTimeout(again);
    source.close();
  };
}

/**
 * Asks the playground for something.
 * @throws with the server's words when it refuses
 */
export async function ask(action: string, body: Record<string, unknown>): Promise<void> {
  const response = await fetch(`/playground/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.ok) return;
  const answer = (await response.json().catch(() => ({}))) as { error?: string };
  throw new Error(answer.error ?? `The server answered ${response.status}.`);
}
