import { newSecret } from './ids.ts';

const LIFETIME_MS = 3000;

/** Slack's `trigger_id`: one use, within three seconds. */
export type Triggers = {
  issue(): string;
  use(id: string): 'ok' | 'expired_trigger_id' | 'invalid_trigger_id' | 'exchanged_trigger_id';
};

export function openTriggers(now: () => number = Date.now): Triggers {
  const triggers = new Map<string, { born: number; used: boolean }>();
  return {
    issue() {
      const id = `${now()}.${Math.floor(now() / 7)}.${newSecret()}`;
      triggers.set(id, { born: now(), used: false });
      return id;
    },
    use(id) {
      const trigger = triggers.get(id);
      if (trigger === undefined) return 'invalid_trigger_id';
      if (trigger.used) return 'exchanged_trigger_id';
      if (now() - trigger.born > LIFETIME_MS) return 'expired_trigger_id';
      trigger.used = true;
      return 'ok';
    },
  };
}
