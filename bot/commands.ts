import { TicketwiseError } from '../errors.ts';
import { MAX_TEXT } from '../models/classification.ts';
import { redact } from '../redact.ts';
import type { Admins } from './admins.ts';
import { classified, help, notClassifiable, outOfOrder } from './answers.ts';
import { type Content, paragraph } from './blocks.ts';
import type { Deps } from './deps.ts';
import { logError } from './error-log.ts';
import { messageText } from './message-text.ts';
import { type Request, requestRetrain } from './retrain.ts';
import { escapeText } from './slack-text.ts';
import { readStatus, statusReport } from './status.ts';

/** `/ticket` and what stands behind it. */
export type Command = Request & { text: string };

/**
 * Does what a command asks for.
 * @returns the private answer; never rejects, what goes wrong is logged and answered in general words
 */
export async function runCommand(deps: Deps, admins: Admins, { text, ...request }: Command): Promise<Content> {
  const [, name = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  try {
    switch (name.toLowerCase()) {
      case 'classify':
        return await classify(deps, messageText(rest));
      case 'retrain':
        return await requestRetrain(deps, admins, request);
      case 'status':
        return statusReport(await readStatus(deps));
      case 'help':
      case '':
        return help();
      default:
        return help(messageText(name));
    }
  } catch (error) {
    logError(deps.log, error, 'do a command', { command: name.slice(0, 20), user: request.userId });
    return error instanceof TicketwiseError && error.code === 'bad_text' ? paragraph(escapeText(error.message)) : outOfOrder();
  }
}

async function classify({ model }: Deps, text: string): Promise<Content> {
  if (text === '' || text.length > MAX_TEXT) return notClassifiable(text.length);
  // As a message is: what is redacted before it is stored is not there for the model either.
  const [classification] = await model.classify([redact(text)]);
  if (classification === undefined) throw new Error('The classifier gave no answer');
  return classified(classification, model.labels);
}
