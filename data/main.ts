import { parseArguments, runCommand } from '../cli.ts';
import { TicketwiseError } from '../errors.ts';
import { IMPORT_USAGE, importCommand } from './import-command.ts';
import { checkSeed, readSeedMessages } from './seed-check.ts';
import { agreementOf, readReadings } from './seed-readings.ts';
import { formatSeedCheck } from './seed-report.ts';
import { readTaxonomy } from './taxonomy.ts';

const CHECK_USAGE = 'npm run data -- check';

await runCommand(async () => {
  const [command, ...args] = process.argv.slice(2);
  switch (command) {
    case 'import':
      return importCommand(args, (text) => console.log(text));
    case 'check':
      return checkCommand(args);
    default:
      throw new TicketwiseError('bad_usage', `Unknown command "${command ?? ''}".\nUsage: ${IMPORT_USAGE}\n       ${CHECK_USAGE}`);
  }
});

/** `npm run data -- check`: counts the seed corpus and proves what its README promises. */
async function checkCommand(args: string[]): Promise<void> {
  const { positionals } = parseArguments(args, {}, CHECK_USAGE);
  if (positionals.length > 0) throw new TicketwiseError('bad_usage', `Unexpected "${positionals[0]}".\nUsage: ${CHECK_USAGE}`);
  const taxonomy = await readTaxonomy();
  const { messages, problems: unreadable } = await readSeedMessages(taxonomy);
  const check = checkSeed(messages, taxonomy);
  console.log(formatSeedCheck(check, agreementOf(await readReadings(), messages), taxonomy));
  const problems = [...unreadable, ...check.problems];
  if (problems.length > 0)
    throw new TicketwiseError(
      'bad_data',
      `The seed corpus has ${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    );
}
