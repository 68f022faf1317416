import { parseArguments, runCommand } from '../cli.ts';
import { TicketwiseError } from '../errors.ts';
import { checkSeed, readSeedMessages } from './seed-check.ts';
import { formatSeedCheck } from './seed-report.ts';
import { readTaxonomy } from './taxonomy.ts';

const USAGE = 'npm run data -- check';

await runCommand(async () => {
  const [command, ...args] = process.argv.slice(2);
  switch (command) {
    case 'check':
      return checkCommand(args);
    default:
      throw new TicketwiseError('bad_usage', `Unknown command "${command ?? ''}".\nUsage: ${USAGE}`);
  }
});

/** `npm run data -- check`: counts the seed corpus and proves what its README promises. */
async function checkCommand(args: string[]): Promise<void> {
  const { positionals } = parseArguments(args, {}, USAGE);
  if (positionals.length > 0) throw new TicketwiseError('bad_usage', `Unexpected "${positionals[0]}".\nUsage: ${USAGE}`);
  const taxonomy = await readTaxonomy();
  const { messages, problems: unreadable } = await readSeedMessages(taxonomy);
  const check = checkSeed(messages, taxonomy);
  process.stdout.write(`${formatSeedCheck(check, taxonomy)}\n`);
  const problems = [...unreadable, ...check.problems];
  if (problems.length > 0)
    throw new TicketwiseError(
      'bad_data',
      `The seed corpus has ${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    );
}
