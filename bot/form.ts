import { z } from 'zod';
import { CHATTER, type Group, type Labels, otherIntent } from '../labels.ts';
import { type PlainText, plain, section } from './blocks.ts';
import { NO_TICKET, nameOf, standing, type Word } from './reply.ts';
import { escapeText } from './slack-text.ts';

/** `callback_id` of the form. */
export const FORM = 'correct';

type Option = { text: PlainText; value: string };
type OptionGroup = { label: PlainText; options: Option[] };
type Menu = {
  type: 'static_select';
  action_id: typeof CHOSEN;
  placeholder: PlainText;
  initial_option?: Option;
} & ({ options: Option[] } | { option_groups: OptionGroup[] });
type Input = { type: 'input'; block_id: Field; label: PlainText; optional: boolean; element: Menu };
type Field = 'category' | 'priority' | 'intent';

/** A modal, as `views.open` takes it. */
export type Form = {
  type: 'modal';
  callback_id: typeof FORM;
  private_metadata: string;
  title: PlainText;
  submit: PlainText;
  close: PlainText;
  blocks: (ReturnType<typeof section> | Input)[];
};

const CHOSEN = 'chosen';
/** Slack's limits: options of a menu, and options of a group. */
const MOST = 100;
/** As much of the message as the form quotes, in characters. */
const QUOTE = 400;

/** What the form asks about. */
export type Asked = {
  text: string;
  predicted: { category: string; priority: string };
  /** the current words of every person */
  words: readonly Word[];
  /** who fills it in */
  userId: string;
  /** kept with the form, and given back when it is sent */
  metadata: string;
};

/** The form that corrects a ticket: category, priority, and if one likes the intent, at what the reply says now. */
export function correctionForm({ text, predicted, words, userId, metadata }: Asked, labels: Labels): Form {
  const own = (kind: Field) => words.find((word) => word.userId === userId && word.kind === kind)?.value;
  const quote = text.length > QUOTE ? `${text.slice(0, QUOTE)}…` : text;
  const now = (kind: 'category' | 'priority') => own(kind) ?? standing(kind, predicted[kind], words);
  const categories = [...labels.categories.slice(0, MOST - 1), NO_TICKET].map(groupOption);
  const priorities = labels.priorities.slice(0, MOST).map(groupOption);
  const intents = labels.categories
    .map(({ id, name }) => ({ label: plain(name), options: namedIntents(id, labels).slice(0, MOST) }))
    .filter(({ options }) => options.length > 0)
    .slice(0, MOST);
  return {
    type: 'modal',
    callback_id: FORM,
    private_metadata: metadata,
    title: plain('Correct this ticket'),
    submit: plain('Save'),
    close: plain('Cancel'),
    blocks: [
      section(
        quote
          .split('\n')
          .map((line) => `> ${escapeText(line)}`)
          .join('\n'),
      ),
      input('category', 'Category', menu({ options: categories }, now('category'))),
      input('priority', 'Priority', menu({ options: priorities }, now('priority'))),
      ...(intents.length === 0 ? [] : [input('intent', 'Intent, if one fits', menu({ option_groups: intents }, own('intent')))]),
    ],
  };
}

/** What a person chose in the form; `intent` is null where none was. */
export type Chosen = { category: string; priority: string; intent: string | null };

const chosen = z.object({ [CHOSEN]: z.object({ selected_option: z.object({ value: z.string() }).nullish() }) });
const state = z.object({ category: chosen, priority: chosen, intent: chosen.optional() });

/**
 * Reads a form that was sent.
 * @param values `view.state.values`
 * @returns what was chosen, or what to say beside the fields that do not fit
 */
export function readForm(values: unknown, labels: Labels): { chosen: Chosen } | { errors: Partial<Record<Field, string>> } {
  const { category, priority, intent } = state.parse(values);
  const value = (field: z.infer<typeof chosen> | undefined) => field?.[CHOSEN].selected_option?.value;
  const [categoryId, priorityId, intentId] = [value(category), value(priority), value(intent) ?? null];
  const known = (id: string | undefined, groups: readonly Group[]): id is string => groups.some((group) => group.id === id);
  const gone = (field: Field) => ({ errors: { [field]: `This ${field} is gone meanwhile. Close the form and open it again.` } });
  if (categoryId === undefined || (categoryId !== CHATTER && !known(categoryId, labels.categories))) return gone('category');
  if (!known(priorityId, labels.priorities)) return gone('priority');
  const of = intentId === null ? null : (labels.intents.find(({ id }) => id === intentId)?.category ?? undefined);
  if (of === undefined) return gone('intent');
  if (of !== null && of !== categoryId)
    return { errors: { intent: `That is an intent of ${nameOf(of, labels.categories)}. Choose that category, or another intent.` } };
  return { chosen: { category: categoryId, priority: priorityId, intent: intentId } };
}

function menu(choices: { options: Option[] } | { option_groups: OptionGroup[] }, initial: string | undefined): Menu {
  const all = 'options' in choices ? choices.options : choices.option_groups.flatMap(({ options }) => options);
  const first = all.find(({ value }) => value === initial);
  return {
    type: 'static_select',
    action_id: CHOSEN,
    placeholder: plain('Choose'),
    ...(first === undefined ? {} : { initial_option: first }),
    ...choices,
  };
}

function input(field: Field, label: string, element: Menu): Input {
  return { type: 'input', block_id: field, label: plain(label), optional: field === 'intent', element };
}

function groupOption({ id, name, emoji }: Group): Option {
  return { text: plain(`:${emoji}: ${name}`), value: id };
}

function namedIntents(category: string, { intents }: Labels): Option[] {
  return intents
    .filter((intent) => intent.category === category && intent.id !== otherIntent(category))
    .map(({ id }) => ({ text: plain(id.replaceAll('_', ' ')), value: id }));
}
