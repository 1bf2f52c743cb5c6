/** `token-lifecycle inspect`: a token's life, without the token. */
import type { Command } from 'commander';
import { ConfigurationError } from '../../../machines/errors';
import { defaultPolicy, type RefreshPolicy, validatePolicy } from '../../../machines/policy';
import { createPaint, type Terminal } from '../terminal';
import { UsageError } from '../usage-error';
import { askEndpoint, type Endpoint } from './endpoint';
import { type Candidate, findIn } from './find';
import { explainLife, type Life, type Verdict } from './life';
import { sayEndpoint, sayLife } from './say';

type Given = { readonly policy?: readonly string[]; readonly now?: string; readonly json?: true };

const examples = `
What is given may be a JWT, "Bearer …", a Cookie or Set-Cookie header, an address with a token in its query or fragment, or
the address of a JWKS, an issuer's configuration or an endpoint that sets a cookie. "-" reads it from standard input, which
keeps it out of the shell's history and of the list of processes.

A token is never printed, kept or sent anywhere, and its signature is not verified. An address is asked (one GET, without
credentials) only where it has neither query, fragment nor user name.

Examples:
  $ pbpaste | token-lifecycle inspect -
  $ token-lifecycle inspect - < cookie.txt
  $ token-lifecycle inspect https://issuer.example/.well-known/openid-configuration
  $ token-lifecycle inspect - --policy leewayMs=30000 --json < token.txt

Exit code: 0; 1 where there is no usable token in it, or an address does not answer; 2 for a wrong option.`;

function policyOf(given: readonly string[]): RefreshPolicy {
  const fields = given.map((text) => {
    const [, name = '', value = ''] = /^(\w+)=(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
    const known = Object.hasOwn(defaultPolicy, name) && typeof defaultPolicy[name as keyof RefreshPolicy] === 'number';
    if (!known)
      throw new UsageError('A policy is written name=number, with a name of RefreshPolicy, such as leewayMs=20000.');
    return [name, Number(value)] as const;
  });
  return validatePolicy(Object.fromEntries(fields));
}

function nowOf({ now }: Given, terminal: Terminal): number {
  if (now === undefined) return terminal.now();
  const ms = /^\d+$/.test(now) ? Number(now) : Date.parse(now);
  if (Number.isNaN(ms))
    throw new UsageError('--now must be a date, such as 2026-01-31T12:00:00Z, or epoch milliseconds.');
  return ms;
}

const usable: readonly Verdict[] = ['fresh', 'stale', 'expiring'];

type Answer = { readonly endpoint: Endpoint | null; readonly values: readonly Candidate[] };

async function look(text: string, terminal: Terminal): Promise<Answer> {
  const found = findIn(text);
  if (found.is === 'values') return { endpoint: null, values: found.values };
  if (found.is === 'private-url') {
    throw new UsageError(
      'There is no JWT in that address. It is not asked, since its query, fragment or user name may be a secret.',
    );
  }
  const endpoint = await askEndpoint(found.url, terminal);
  return { endpoint, values: endpoint.values };
}

async function inspect(what: string, given: Given, terminal: Terminal): Promise<number> {
  const policy = policyOf(given.policy ?? []);
  const now = nowOf(given, terminal);
  const text = what === '-' ? await terminal.readStdin() : what;
  if (text.trim() === '') throw new UsageError('There is nothing to inspect.');
  const { endpoint, values } = await look(text, terminal);
  const lives: readonly Life[] = values.map((value) => explainLife(value, policy, now));
  const fine = endpoint === null ? lives.some(({ verdict }) => usable.includes(verdict)) : endpoint.status < 400;
  if (given.json) {
    const shown =
      endpoint === null
        ? {}
        : { endpoint: { ...endpoint, values: undefined, facts: Object.fromEntries(endpoint.facts) } };
    terminal.write(`${JSON.stringify({ now, ...shown, tokens: lives }, null, 2)}\n`);
    return fine ? 0 : 1;
  }
  const paint = createPaint(terminal.color);
  const said = [
    ...(endpoint === null ? [] : [sayEndpoint(endpoint, paint)]),
    ...lives.map((life) => sayLife(life, now, paint)),
  ];
  terminal.write(`${said.join('\n\n')}\n`);
  if (what !== '-' && endpoint === null && terminal.interactive) {
    terminal.writeError(
      '\nIt stands in your shell’s history now. "token-lifecycle inspect -" reads it from standard input instead.\n',
    );
  }
  return fine ? 0 : 1;
}

/** Adds the command to a program. `done` gets the exit code. */
export function addInspect(program: Command, terminal: Terminal, done: (code: number) => void): void {
  program
    .command('inspect')
    .summary('explain a token’s life without printing it')
    .description(
      'Says when a token was issued, when a refresh is due by the policy, when readers begin to wait and when it expires; its claims by name and itself by a fingerprint.',
    )
    .argument('<what>', 'a token, cookies or an address; - for standard input')
    .option(
      '--policy <name=number>',
      'a field of RefreshPolicy that differs from its default; may be given several times',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--now <time>', 'as if it were this time (default: by this computer’s clock)')
    .option('--json', 'the same as JSON')
    .addHelpText('after', examples)
    .action(async (what: string, given: Given) => {
      try {
        done(await inspect(what, given, terminal));
      } catch (error) {
        if (ConfigurationError.is(error)) throw new UsageError(error.message);
        throw error;
      }
    });
}
