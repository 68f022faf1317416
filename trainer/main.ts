import { abortOnSignals, runCommand } from '../cli.ts';
import { parseConfig } from '../config.ts';
import { TicketwiseError } from '../errors.ts';
import { crossValidateCommand } from './cross-validate-command.ts';
import { evaluateCommand } from './evaluate-command.ts';
import { trainCommand } from './train-command.ts';

const USAGE = 'Commands: train, evaluate, cross-validate, bench, work.';

await runCommand(async () => {
  const [command, ...args] = process.argv.slice(2);
  const config = parseConfig(process.env);
  const defaults = { base: config.baseModel, banking77: config.banking77 };
  switch (command) {
    case 'train':
      return trainCommand(args, defaults, abortOnSignals());
    case 'evaluate':
      return evaluateCommand(args, defaults);
    case 'cross-validate':
      return crossValidateCommand(args, defaults, abortOnSignals());
    default:
      throw new TicketwiseError('bad_usage', `Unknown command "${command ?? ''}". ${USAGE}`);
  }
});
