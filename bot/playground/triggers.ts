import { newSecret } from './ids.ts';
import { Refusal } from './web-api/refusal.ts';

const LIFETIME_MS = 3000;

/** Slack's `trigger_id`: one use, within three seconds, for the person who clicked. */
export type Triggers = {
  issue(user: string): string;
  /** @throws Refusal `expired_trigger_id`, `invalid_trigger_id`, `exchanged_trigger_id` */
  use(id: string): { user: string };
};

export function openTriggers(now: () => number = Date.now): Triggers {
  const triggers = new Map<string, { user: string; born: number; used: boolean }>();
  return {
    issue(user) {
      const id = `${now()}.${Math.floor(now() / 7)}.${newSecret()}`;
      triggers.set(id, { user, born: now(), used: false });
      return id;
    },
    use(id) {
      const trigger = triggers.get(id);
      if (trigger === undefined) throw new Refusal('invalid_trigger_id');
      if (trigger.used) throw new Refusal('exchanged_trigger_id');
      if (now() - trigger.born > LIFETIME_MS) throw new Refusal('expired_trigger_id');
      trigger.used = true;
      return { user: trigger.user };
    },
  };
}
