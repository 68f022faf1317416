import type { User } from '../wire.ts';
import { Avatar } from './avatar.tsx';

/** Whom one is; arrow keys switch. */
export function Personas({ people, current, onSwitch }: { people: User[]; current: string; onSwitch: (id: string) => void }) {
  return (
    <fieldset class="personas">
      <legend class="visually-hidden">You are</legend>
      {people.map((user) => (
        <label key={user.id} class="persona" title={`${user.realName}, ${user.role}: ${user.title}`}>
          <input
            type="radio"
            name="persona"
            class="visually-hidden"
            value={user.id}
            checked={user.id === current}
            onChange={() => onSwitch(user.id)}
          />
          <Avatar user={user} size={24} />
          <span class="persona-words">
            <span class="persona-name">{user.realName.split(' ')[0]}</span>
            <span class="persona-role">{user.role}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
