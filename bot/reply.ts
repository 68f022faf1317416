import { CHATTER, type Group, type Labels, otherIntent } from '../labels.ts';
import type { Classification, Scored } from '../models/classification.ts';
import { actions, button, type Content, context, section } from './blocks.ts';
import { CORRECT, clickOf } from './label-of-click.ts';
import { escapeText, joinWithin, listed, percent, SECTION_LIMIT } from './slack-text.ts';

/** What one person says of a ticket at present. */
export type Word = { userId: string; kind: 'category' | 'priority' | 'intent' | 'verdict'; value: string; eventTs: string };

/** What a reply is made of. */
export type Verdict = Pick<Classification, 'category' | 'priority' | 'intent' | 'categories' | 'sure' | 'inScope'>;

/** Categories that a question names: the likeliest, and those that are not much less so. */
const NAMED = { most: 3, least: 0.1 };

/** What stands where a category would when somebody says that a message is no ticket. */
export const NO_TICKET: Group = { id: CHATTER, name: 'No ticket', description: '', emoji: 'speech_balloon' };

/**
 * The reply to a ticket: what the model says, who corrected it, and which buttons and reactions correct it. Where the model is
 * not sure, a question, until somebody names the category or says that the first is right.
 * @param words the current words of every person; the latest one of a kind counts
 */
export function reply(verdict: Verdict, words: readonly Word[], labels: Labels): Content {
  const answered = words.some(({ kind, value }) => kind === 'category' || (kind === 'verdict' && value === 'right'));
  return verdict.sure || answered ? statementReply(verdict, words, labels) : questionReply(verdict, words, labels);
}

function questionReply({ categories, priority, inScope }: Verdict, words: readonly Word[], labels: Labels): Content {
  const named = categories.slice(0, NAMED.most).filter(({ probability }, i) => i === 0 || probability >= NAMED.least);
  const urgency = statement('priority', priority, words, labels.priorities);
  const doubt = inScope ? 'Not sure' : 'Not sure, this is unlike what I have learnt';
  const options = (show: (id: string) => string) =>
    `${doubt}: ${listed(
      named.map(({ id, probability }) => `${show(id)} (${percent(probability)})`),
      'or',
    )}?`;
  const question = options((id) => `${emojiOf(id, labels.categories)}*${shown(id, labels.categories)}*`);
  return {
    text: `${options((id) => shown(id, labels.categories))} ${urgency.name} priority`,
    blocks: [
      section(joinWithin([question, urgency.line, ...verdictLine(words)], '\n', SECTION_LIMIT)),
      actions([
        ...named.map(({ id }) =>
          button(clickOf({ kind: 'category', value: id }), `${emojiOf(id, labels.categories)}${nameOf(id, labels.categories)}`),
        ),
        button(CORRECT, 'Another…'),
      ]),
      context(hint('Or with a reaction', named.length > 1 ? ['the first', 'none of these'] : ['right', 'wrong'], labels)),
    ],
  };
}

function statementReply({ category, priority, intent }: Verdict, words: readonly Word[], labels: Labels): Content {
  const said = statement('category', category, words, [...labels.categories, NO_TICKET]);
  if (said.value === CHATTER) return noTicketReply(said, words, labels);
  const urgency = statement('priority', priority, words, labels.priorities);
  const sure = `${percent(category.probability)} sure`;
  const about = intentOf(intent, words, labels);
  const lines = [said.corrected ? said.line : `${said.line} · ${sure}`, urgency.line, ...about, ...verdictLine(words)];
  return {
    text: `${said.name}${said.corrected ? ' (corrected)' : ''}, ${urgency.name} priority${said.corrected ? '' : `, ${sure}`}`,
    blocks: [section(joinWithin(lines, '\n', SECTION_LIMIT)), ...corrections(labels)],
  };
}

function noTicketReply(said: Statement, words: readonly Word[], labels: Labels): Content {
  const lines = [said.line, ...verdictLine(words)];
  return { text: `${said.name} (corrected)`, blocks: [section(joinWithin(lines, '\n', SECTION_LIMIT)), ...corrections(labels)] };
}

/** How a statement is corrected. */
function corrections(labels: Labels) {
  return [
    actions([button(clickOf({ kind: 'verdict', value: 'right' }), ':white_check_mark: Right'), button(CORRECT, 'Correct…')]),
    context(hint('Or with a reaction', ['right', 'wrong'], labels)),
  ];
}

type Statement = { value: string; name: string; line: string; corrected: boolean };

/** The label of a kind that counts now: the latest that somebody named, else the predicted one. */
export function standing(kind: 'category' | 'priority', predicted: string, words: readonly Word[]): string {
  return latestFirst(kind, words)[0]?.value ?? predicted;
}

function latestFirst(kind: Word['kind'], words: readonly Word[]): Word[] {
  return words.filter((word) => word.kind === kind).sort((a, b) => Number(b.eventTs) - Number(a.eventTs));
}

function statement(kind: 'category' | 'priority', predicted: Scored, words: readonly Word[], groups: readonly Group[]): Statement {
  const ofKind = latestFirst(kind, words);
  const value = standing(kind, predicted.id, words);
  const people = mentions(ofKind.filter((word) => word.value === value));
  const suffix = kind === 'priority' ? ' priority' : '';
  const now = `${emojiOf(value, groups)}*${shown(value, groups)}*${suffix}`;
  const others = ofKind.filter((word) => word.value !== value).map((word) => `<@${word.userId}> says ${shown(word.value, groups)}`);
  const more = others
    .slice(0, 5)
    .map((other) => ` · ${other}`)
    .join('');
  const name = shown(value, groups);
  if (ofKind.length === 0) return { value, name, line: now, corrected: false };
  if (value === predicted.id) return { value, name, line: `${now}, confirmed by ${people}${more}`, corrected: false };
  return {
    value,
    name,
    line: `${emojiOf(predicted.id, groups)}~${shown(predicted.id, groups)}~ ${now}, corrected by ${people}${more}`,
    corrected: true,
  };
}

/** The intent that somebody named, else the predicted one, where it has a name and nobody said that it is about something else. */
function intentOf(predicted: Scored, words: readonly Word[], labels: Labels): string[] {
  const [latest] = latestFirst('intent', words);
  const value = latest?.value ?? predicted.id;
  const named = labels.intents.find(({ id }) => id === value && !id.startsWith(otherIntent('')) && id !== CHATTER);
  const contradicted = words.some(({ kind, value }) => kind === 'category' && value !== named?.category);
  if (named === undefined || contradicted) return [];
  const people = mentions(words.filter((word) => word.kind === 'intent' && word.value === value));
  return [`Intent: ${escapeText(named.id.replaceAll('_', ' '))}${latest === undefined ? '' : `, says ${people}`}`];
}

function verdictLine(words: readonly Word[]): string[] {
  const by = (value: string) => words.filter((word) => word.kind === 'verdict' && word.value === value);
  const [right, wrong] = [by('right'), by('wrong')];
  const parts = [
    ...(right.length > 0 ? [`:white_check_mark: Right, says ${mentions(right)}`] : []),
    ...(wrong.length > 0 ? [`:x: Wrong, says ${mentions(wrong)}`] : []),
  ];
  return parts.length > 0 ? [parts.join(' · ')] : [];
}

/** Which reactions correct a reply. */
function hint(intro: string, [right, wrong]: [string, string], { categories, priorities }: Labels): string {
  const groups = [...categories, ...priorities].map((group) => `:${group.emoji}: ${escapeText(group.name)}`);
  return joinWithin([`${intro}: :white_check_mark: ${right}`, `:x: ${wrong}`, ...groups], ' · ', 2000);
}

function mentions(words: readonly Word[]): string {
  const people = [...new Set(words.map((word) => `<@${word.userId}>`))];
  return listed(people.length > 5 ? [...people.slice(0, 4), `${people.length - 4} others`] : people);
}

/** The name of a label; its id where the live model does not know it any more. */
export function nameOf(id: string, groups: readonly Group[]): string {
  return groups.find((group) => group.id === id)?.name ?? id;
}

/** `:emoji: ` of a label, or nothing where the live model does not know it. */
export function emojiOf(id: string, groups: readonly Group[]): string {
  const emoji = groups.find((group) => group.id === id)?.emoji;
  return emoji === undefined ? '' : `:${emoji}: `;
}

function shown(id: string, groups: readonly Group[]): string {
  return joinWithin([escapeText(nameOf(id, groups))], '', 200);
}
