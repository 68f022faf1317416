import type { Block } from '../wire.ts';
import { badArguments } from './refusal.ts';

type Fault = { what: string; where: string };

const MAX_BLOCKS = { message: 50, view: 100 };
/** Of all blocks together, as measured: Slack answers `msg_blocks_too_long` beyond. */
const MAX_TOTAL = 13_200;
const LIMITS = {
  section: 3000,
  field: 2000,
  header: 150,
  button: 75,
  value: 2000,
  context: 10,
  fields: 10,
  actions: 25,
  id: 255,
  options: 100,
  option: 75,
  optionValue: 150,
  label: 2000,
  title: 24,
  metadata: 3000,
};
const KNOWN = new Set([
  'section',
  'header',
  'divider',
  'context',
  'actions',
  'image',
  'rich_text',
  'input',
  'markdown',
  'table',
  'video',
  'file',
]);

/**
 * Checks blocks as Slack does.
 * @throws Refusal `invalid_blocks` with a JSON pointer to each fault, `msg_blocks_too_long`
 */
export function checkBlocks(blocks: Block[]): void {
  const faults = faultsOfBlocks(blocks, MAX_BLOCKS.message, '/blocks');
  if (faults.length > 0) throw badArguments('invalid_blocks', faults);
  if (JSON.stringify(blocks).length > MAX_TOTAL)
    throw badArguments('msg_blocks_too_long', [{ what: 'blocks are too long', where: '/blocks' }]);
}

/**
 * Checks a modal or App Home as Slack does.
 * @throws Refusal `invalid_arguments` with a JSON pointer to each fault
 */
export function checkView(view: Record<string, unknown>): void {
  const blocks = items(view.blocks) as Block[];
  const faults = faultsOfBlocks(blocks, MAX_BLOCKS.view, '/view/blocks');
  if (view.type === 'modal') {
    faults.push(...text(view.title, LIMITS.title, '/view/title', 'plain_text'));
    for (const key of ['submit', 'close'])
      if (view[key] !== undefined) faults.push(...text(view[key], LIMITS.title, `/view/${key}`, 'plain_text'));
    if (view.submit === undefined && blocks.some(({ type }) => type === 'input'))
      faults.push({ what: 'missing required field: submit', where: '/view' });
  }
  for (const [key, max] of [
    ['private_metadata', LIMITS.metadata],
    ['callback_id', LIMITS.id],
  ] as const)
    if (typeof view[key] === 'string' && view[key].length > max) faults.push(tooLong(max, `/view/${key}`));
  if (faults.length > 0) throw badArguments('invalid_arguments', faults);
}

function faultsOfBlocks(blocks: Block[], max: number, at: string): Fault[] {
  const faults: Fault[] = [];
  if (blocks.length > max) faults.push({ what: `no more than ${max} items allowed`, where: at });
  const ids = new Set<string>();
  for (const [i, block] of blocks.entries()) {
    const where = `${at}/${i}`;
    if (!KNOWN.has(block.type)) faults.push({ what: `unsupported type: ${block.type}`, where: `${where}/type` });
    if (block.block_id !== undefined) {
      if (ids.has(block.block_id)) faults.push({ what: 'block_id already exists', where: `${where}/block_id` });
      if (block.block_id.length > LIMITS.id) faults.push(tooLong(LIMITS.id, `${where}/block_id`));
      ids.add(block.block_id);
    }
    faults.push(...faultsOf(block, where));
  }
  return faults;
}

function faultsOf(block: Block, where: string): Fault[] {
  switch (block.type) {
    case 'section': {
      const fields = items(block.fields);
      if (block.text === undefined && fields.length === 0) return [{ what: 'missing required field: text', where }];
      return [
        ...(block.text === undefined ? [] : text(block.text, LIMITS.section, `${where}/text`)),
        ...tooMany(fields, LIMITS.fields, `${where}/fields`),
        ...fields.flatMap((field, i) => text(field, LIMITS.field, `${where}/fields/${i}`)),
        ...(block.accessory === undefined ? [] : element(block.accessory, `${where}/accessory`)),
      ];
    }
    case 'header':
      return text(block.text, LIMITS.header, `${where}/text`, 'plain_text');
    case 'context': {
      const elements = items(block.elements);
      const images = (one: unknown) => isRecord(one) && one.type === 'image';
      return [
        ...tooMany(elements, LIMITS.context, `${where}/elements`, 1),
        ...elements.flatMap((one, i) => (images(one) ? [] : text(one, LIMITS.section, `${where}/elements/${i}`))),
      ];
    }
    case 'actions': {
      const elements = items(block.elements);
      return [
        ...tooMany(elements, LIMITS.actions, `${where}/elements`, 1),
        ...elements.flatMap((one, i) => element(one, `${where}/elements/${i}`)),
      ];
    }
    case 'input':
      return [
        ...text(block.label, LIMITS.label, `${where}/label`, 'plain_text'),
        ...(block.element === undefined
          ? [{ what: 'missing required field: element', where }]
          : element(block.element, `${where}/element`)),
      ];
    case 'image':
      return typeof block.alt_text === 'string' ? [] : [{ what: 'missing required field: alt_text', where }];
    case 'rich_text':
      return Array.isArray(block.elements) ? [] : [{ what: 'missing required field: elements', where }];
    default:
      return [];
  }
}

function element(value: unknown, where: string): Fault[] {
  if (!isRecord(value) || typeof value.type !== 'string') return [{ what: 'missing required field: type', where }];
  if (value.type === 'static_select') return menu(value, where);
  if (value.type !== 'button') return [];
  const data = value.value;
  return [
    ...text(value.text, LIMITS.button, `${where}/text`, 'plain_text'),
    ...(typeof data === 'string' && data.length > LIMITS.value ? [tooLong(LIMITS.value, `${where}/value`)] : []),
    ...(['primary', 'danger', undefined].includes(value.style as string | undefined)
      ? []
      : [{ what: 'invalid style', where: `${where}/style` }]),
  ];
}

function menu(value: Record<string, unknown>, where: string): Fault[] {
  const groups = value.option_groups === undefined ? undefined : items(value.option_groups);
  const lists = groups?.map((group) => (isRecord(group) ? items(group.options) : [])) ?? [items(value.options)];
  const at = (i: number) => (groups === undefined ? `${where}/options` : `${where}/option_groups/${i}/options`);
  const initial = JSON.stringify(value.initial_option);
  return [
    ...(value.placeholder === undefined ? [] : text(value.placeholder, 150, `${where}/placeholder`, 'plain_text')),
    ...(groups === undefined ? [] : tooMany(groups, LIMITS.options, `${where}/option_groups`, 1)),
    ...(groups ?? []).flatMap((group, i) =>
      text(isRecord(group) ? group.label : undefined, LIMITS.option, `${where}/option_groups/${i}/label`, 'plain_text'),
    ),
    ...lists.flatMap((list, i) => [...tooMany(list, LIMITS.options, at(i), 1), ...list.flatMap((one, k) => option(one, `${at(i)}/${k}`))]),
    ...(initial === undefined || lists.flat().some((one) => JSON.stringify(one) === initial)
      ? []
      : [{ what: 'initial_option must match one of the options', where: `${where}/initial_option` }]),
  ];
}

function option(value: unknown, where: string): Fault[] {
  if (!isRecord(value) || typeof value.value !== 'string') return [{ what: 'missing required field: value', where }];
  return [
    ...text(value.text, LIMITS.option, `${where}/text`),
    ...(value.value.length > LIMITS.optionValue ? [tooLong(LIMITS.optionValue, `${where}/value`)] : []),
  ];
}

function text(value: unknown, max: number, where: string, only?: 'plain_text'): Fault[] {
  if (!isRecord(value) || typeof value.text !== 'string') return [{ what: 'missing required field: text', where }];
  const allowed = only === undefined ? ['plain_text', 'mrkdwn'] : [only];
  if (!allowed.includes(String(value.type))) return [{ what: `must be one of: ${allowed.join(', ')}`, where: `${where}/type` }];
  if (value.text.length === 0) return [{ what: 'must be more than 0 characters', where: `${where}/text` }];
  return value.text.length > max ? [tooLong(max, `${where}/text`)] : [];
}

function tooLong(max: number, where: string): Fault {
  return { what: `must be less than ${max + 1} characters`, where };
}

function tooMany(list: unknown[], max: number, where: string, min = 0): Fault[] {
  if (list.length > max) return [{ what: `no more than ${max} items allowed`, where }];
  return list.length < min ? [{ what: `must provide at least ${min} items`, where }] : [];
}

function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
