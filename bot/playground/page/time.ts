const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' });

export function dateOf(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

export function timeOf(ts: string): string {
  return clock.format(dateOf(ts));
}

export function momentOf(ts: string): string {
  return full.format(dateOf(ts));
}

/** "Today", "Yesterday", or the day. */
export function dayOf(ts: string, now: Date = new Date()): string {
  const date = dateOf(ts);
  if (date.toDateString() === now.toDateString()) return 'Today';
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  return date.toDateString() === yesterday.toDateString() ? 'Yesterday' : day.format(date);
}
