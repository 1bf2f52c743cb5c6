/** The commands, as a function from arguments to an exit code: 0 fine, 1 bad news, 2 wrong usage. */
import { Command, CommanderError } from 'commander';
import { addInspect } from './inspect/command';
import { EndpointError } from './inspect/endpoint';
import { addSimulate } from './simulate/command';
import type { Terminal } from './terminal';
import { UsageError } from './usage-error';

/** Commander repeats what was given, and that may be a token. Names of options and commands stay. */
const withoutGiven = (text: string): string =>
  text
    .replace(/argument '.*' is invalid\./s, 'is invalid.')
    .replace(/^(error: unknown (?:command|option)) '.*'/s, '$1');

function createProgram(version: string, terminal: Terminal): Command {
  return new Command('token-lifecycle')
    .description('Looks at the life of tokens: simulated ones, and those you have.')
    .version(version, '--version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.writeError(text),
      outputError: (text, write) => write(withoutGiven(text)),
      getOutHelpWidth: () => Math.min(100, terminal.columns),
      getErrHelpWidth: () => Math.min(100, terminal.columns),
    })
    .showHelpAfterError('(--help tells more)');
}

/**
 * Runs a command line.
 *
 * @param args what follows the name of the program
 * @returns the exit code
 */
export async function run(args: readonly string[], version: string, terminal: Terminal): Promise<number> {
  let code = 0;
  const done = (given: number): void => {
    code = given;
  };
  const program = createProgram(version, terminal);
  addSimulate(program, terminal, done);
  addInspect(program, terminal, done);
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return 2;
    }
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UsageError) && !(error instanceof EndpointError)) throw error;
    terminal.writeError(`error: ${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
