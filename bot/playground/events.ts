import { newId, newSecret } from './ids.ts';
import { APP_ID, BOT, type SlackEvent, TEAM } from './workspace.ts';

/** The payload in which Slack delivers an event; a redelivery carries the same `event_id`. */
export function eventPayload(event: SlackEvent, now: number): Record<string, unknown> {
  return {
    token: 'playground',
    team_id: TEAM.id,
    context_team_id: TEAM.id,
    context_enterprise_id: null,
    api_app_id: APP_ID,
    event,
    type: 'event_callback',
    event_id: newId('Ev'),
    event_time: Math.floor(now / 1000),
    authorizations: [{ enterprise_id: null, team_id: TEAM.id, user_id: BOT.userId, is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
    event_context: `4-${newSecret(12)}`,
  };
}
