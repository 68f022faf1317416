import { expect, it } from 'vitest';
import { resumeCommand } from './resume.ts';

it.each([
  ['nothing else', {}, ''],
  ['a device that was chosen for it', { device: 'auto' }, ''],
  ['a device', { device: 'cpu' }, ' --device cpu'],
  ['paths with blanks', { base: 'my base', banking77: "team's" }, " --base 'my base' --banking77 'team'\\''s'"],
  ['teachers', { teacher: ['models/one', 'models/two'] }, ' --teacher models/one --teacher models/two'],
  ['no report', { 'no-report': true }, ' --no-report'],
  ['what is kept with it', { recipe: 'quick', seed: '2' }, ''],
])('a training goes on with %s', (_, values, options) => {
  expect(resumeCommand(values, 'models/finetuned/mine')).toBe(`npm run train -- --resume models/finetuned/mine${options}`);
});
