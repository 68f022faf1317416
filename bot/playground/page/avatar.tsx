import type { User } from '../wire.ts';

const COLORS = ['#b4552d', '#2f6f9f', '#7a4fa3', '#3f7d4e', '#a03e63', '#8a6d1f'];

/** Initials on a colour of one's own; a ticket for the bot. */
export function Avatar({ user, size = 36 }: { user: User; size?: number }) {
  const initials = user.realName
    .split(' ')
    .map((part) => part[0])
    .join('')
    .slice(0, 2);
  const color = COLORS[user.id.charCodeAt(user.id.length - 1) % COLORS.length];
  return (
    <svg class="avatar" width={size} height={size} viewBox="0 0 36 36" aria-hidden="true">
      <rect width="36" height="36" rx="9" fill={user.isBot ? '#0f6b5c' : color} />
      {user.isBot ? (
        <path
          d="M8.5 12.5h19v3.4a2.2 2.2 0 0 0 0 4.2v3.4h-19v-3.4a2.2 2.2 0 0 0 0-4.2zM20.5 13v10"
          fill="none"
          stroke="#fff"
          stroke-width="2"
          stroke-linejoin="round"
        />
      ) : (
        <text x="18" y="18.5" fill="#fff" font-size="14" font-weight="600" text-anchor="middle" dominant-baseline="central">
          {initials}
        </text>
      )}
    </svg>
  );
}
