import type { Labels } from '../labels.ts';
import { type Classification, MAX_TEXT } from '../models/classification.ts';
import { type Content, context, paragraph, section } from './blocks.ts';
import { emojiOf, nameOf } from './reply.ts';
import { escapeText, joinWithin, percent, SECTION_LIMIT } from './slack-text.ts';

const BAR = 20;

/** The private answer of `/ticket classify`: every category as a bar, priority, likeliest intents, and what a message would get. */
export function classified(classification: Classification, labels: Labels): Content {
  const { categories, priority, intents, chatter, model } = classification;
  const bars = categories.map(
    ({ id, probability }) =>
      `\`${'▇'.repeat(Math.round(probability * BAR)).padEnd(BAR)}\` ${percent(probability)} ${emojiOf(id, labels.categories)}${escapeText(nameOf(id, labels.categories))}`,
  );
  const urgency = `${emojiOf(priority.id, labels.priorities)}*${escapeText(nameOf(priority.id, labels.priorities))}* priority, ${percent(priority.probability)} sure`;
  const top = intents.slice(0, 3).map(({ id, probability }) => `\`${escapeText(id)}\` ${percent(probability)}`);
  const best = categories[0];
  return {
    text: `${escapeText(nameOf(best?.id ?? '', labels.categories))}, ${percent(best?.probability ?? 0)} sure`,
    blocks: [
      section(joinWithin(bars, '\n', SECTION_LIMIT)),
      section(joinWithin([urgency, `Intent: ${top.join(' · ')}`], '\n', SECTION_LIMIT)),
      context(`${inChannel(classification)} · ${percent(chatter)} that it is no ticket at all · model \`${escapeText(model)}\``),
    ],
  };
}

/** What the bot does with a message that is sorted so. */
function inChannel({ silent, sure, inScope }: Classification): string {
  if (silent) return 'I would stay silent';
  if (sure) return 'I would tell this';
  return inScope ? 'I would ask: not sure enough' : 'I would ask: this is unlike what I have learnt';
}

/** What `/ticket` can do, in the words of its help. */
export const COMMANDS = [
  { usage: 'classify <text>', description: 'how I would sort a message, with my doubts' },
  { usage: 'status', description: 'the model that answers, and what it has learnt from you' },
  { usage: 'retrain', description: 'train on your corrections; the new model goes live only when it is no worse (admins)' },
  { usage: 'help', description: 'this list' },
];

/** The private answer of `/ticket help`, and of a command that is unknown. */
export function help(unknown?: string): Content {
  const intro =
    unknown === undefined
      ? 'I sort the messages of this workspace’s support channels. Correct me with my buttons or with reactions: I learn from both.'
      : `I do not know \`/ticket ${escapeText(joinWithin([unknown.replaceAll('`', '')], '', 100))}\`. I know these:`;
  const commands = COMMANDS.map(({ usage, description }) => `\`/ticket ${escapeText(usage)}\` ${description}`);
  return { text: intro, blocks: [section(intro), section(commands.join('\n'))] };
}

/** The private answer to somebody whose message is too long to be sorted. */
export function tooLong(length: number): Content {
  return paragraph(
    `Your message has ${count(length)} characters, and I read at most ${count(MAX_TEXT)}. I kept it, but did not sort it. ` +
      'Please post what it is about in a few sentences, and put the rest into a file or a thread.',
  );
}

/** The private answer to `/ticket classify` with a text that cannot be classified. */
export function notClassifiable(length: number): Content {
  return length === 0
    ? paragraph('Which message? Write it behind the command: `/ticket classify My card has not arrived`')
    : paragraph(`That text has ${count(length)} characters, and I read at most ${count(MAX_TEXT)}. Please shorten it.`);
}

/** The private answer when something of ours is down: nothing of what is inside. */
export function outOfOrder(): Content {
  return paragraph(
    'Something on my side does not work right now, so nothing was changed. Please try again in a minute; the log says more.',
  );
}

function count(n: number): string {
  return n.toLocaleString('en');
}
