/** What `--fault` understands: `name[=value][,key=value]@start[+length]`. */
import type { Deed } from '../../testing/simulate/schedule';
import type { ServerBehaviour } from '../../testing/token-server/behaviour';
import { malformedKinds } from '../../testing/token-server/malformed';
import { parseDuration } from '../durations';
import { UsageError } from '../usage-error';

export type Fault = {
  /** As it is called in the picture: `status 503`. */
  readonly name: string;
  /** Ms since the beginning. */
  readonly at: number;
  /** Ms; 0 for what happens in an instant. */
  readonly lengthMs: number;
  readonly deeds: readonly { readonly at: number; readonly deed: Deed }[];
};

type Asked = {
  readonly value: string | undefined;
  readonly options: ReadonlyMap<string, string>;
  readonly lengthMs: number;
};

type Kind = {
  /** For the help: `status=503[,retry-after=30s]`. */
  readonly usage: string;
  readonly says: string;
  /** `spell` lasts and needs a length; `instant` must not have one. */
  readonly lasts: 'spell' | 'instant';
  readonly options?: readonly string[];
  readonly name?: (asked: Asked) => string;
  /** What happens when it begins, and, where something has to be undone, when it ends. */
  readonly deeds: (asked: Asked) => readonly Deed[] | { readonly begin: Deed; readonly end: Deed };
};

function needed({ value }: Asked, what: string): string {
  if (value === undefined) throw new UsageError(`A fault needs ${what}.`);
  return value;
}

const oneOf = <T extends string>(value: string, allowed: readonly T[], what: string): T => {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`${what} must be one of ${allowed.join(', ')}.`);
  return found;
};

const server = (answers: ServerBehaviour, { lengthMs }: Asked, all: boolean): readonly Deed[] => [
  { do: 'server', answers, all, forMs: lengthMs, every: 1 },
];

function statusOf(asked: Asked): number {
  const status = Number(needed(asked, 'a status: status=503@1m+30s'));
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new UsageError('The status of a fault must be a whole number from 400 to 599.');
  }
  return status;
}

function statusDeeds(asked: Asked): readonly Deed[] {
  const status = statusOf(asked);
  const retryAfter = asked.options.get('retry-after');
  const code = asked.options.get('code');
  const answers: ServerBehaviour = {
    do: 'status',
    status,
    ...(code !== undefined && { code }),
    ...(retryAfter !== undefined && { retryAfterSeconds: Math.ceil(parseDuration(retryAfter, 'retry-after') / 1_000) }),
  };
  // A server in trouble cannot say either whether a session lives; one that refuses a mint can.
  return server(answers, asked, status >= 500);
}

const offline = ({ lengthMs }: Asked, silent: boolean): readonly Deed[] => [
  { do: 'offline', tab: null, silent, forMs: lengthMs },
];

const spell = (says: string, deeds: (asked: Asked) => readonly Deed[]): Kind => ({
  usage: '',
  says,
  lasts: 'spell',
  deeds,
});
const instant = (says: string, deed: Deed): Kind => ({ usage: '', says, lasts: 'instant', deeds: () => [deed] });

/** In the order in which the help lists them. */
export const kinds: Readonly<Record<string, Kind>> = {
  offline: spell('the computer has no network', (asked) => offline(asked, false)),
  'silent-offline': spell('the same, and the browser does not notice', (asked) => offline(asked, true)),
  status: {
    usage: 'status=503[,retry-after=30s][,code=x]',
    says: 'the server answers with an error',
    lasts: 'spell',
    options: ['retry-after', 'code'],
    name: (asked) => `status ${statusOf(asked)}`,
    deeds: statusDeeds,
  },
  outage: spell('the origin is down; an edge asks for the last token (422)', (asked) =>
    server({ do: 'outage' }, asked, false),
  ),
  hang: spell('the server takes requests and never answers', (asked) => server({ do: 'hang' }, asked, true)),
  unreachable: spell('connections break', (asked) => server({ do: 'unreachable' }, asked, true)),
  drop: spell('the server acts, and its answer is lost', (asked) => server({ do: 'drop' }, asked, false)),
  slow: {
    usage: 'slow=3s',
    says: 'answers take so much longer',
    lasts: 'spell',
    deeds: (asked) =>
      server({ do: 'late', ms: parseDuration(needed(asked, 'a duration: slow=3s@1m+30s'), 'slow') }, asked, true),
  },
  malformed: {
    usage: 'malformed=html',
    says: 'a 200 without a usable token: html, no-exp, expired, …',
    lasts: 'spell',
    deeds: (asked) =>
      server(
        { do: 'malformed', how: oneOf(needed(asked, 'a kind: malformed=html@1m+30s'), malformedKinds, 'malformed') },
        asked,
        false,
      ),
  },
  storage: {
    usage: 'storage=cookie',
    says: 'access is denied: cache, store or cookie',
    lasts: 'spell',
    deeds: (asked) => {
      const adapter = oneOf(needed(asked, 'a place: storage=cookie@1m+30s'), ['cache', 'store', 'cookie'], 'storage');
      return [{ do: 'storage', adapter, fault: 'throws', forMs: asked.lengthMs, every: 1 }];
    },
  },
  'lost-messages': spell('tabs do not hear each other', ({ lengthMs }) => [
    { do: 'messages', fault: { lose: true }, forMs: lengthMs, every: 1 },
  ]),
  sleep: spell('the computer sleeps', ({ lengthMs }) => [{ do: 'sleep', ms: lengthMs }]),
  hidden: {
    ...spell('the first tab is hidden', () => []),
    deeds: () => ({ begin: { do: 'hide', tab: 0 }, end: { do: 'show', tab: 0 } }),
  },
  skew: {
    usage: 'skew=-2m',
    says: 'somebody sets the computer’s clock',
    lasts: 'instant',
    deeds: (asked) => [{ do: 'skew', ms: parseDuration(needed(asked, 'a duration: skew=-2m@1m'), 'skew') }],
  },
  revoke: instant('the server ends the session', { do: 'revoke', user: 1 }),
  reject: instant('an API refuses the token', { do: 'reject', tab: 0 }),
  'sign-out': instant('the user signs out, in the first tab', { do: 'sign-out', tab: 0 }),
  'sign-in': instant('the user signs in again', { do: 'sign-in', tab: 0, user: 1 }),
  read: instant('getToken()', { do: 'read', tab: 0, kind: 'plain', times: 1 }),
  'forced-read': instant('getToken({ skipCache: true })', { do: 'read', tab: 0, kind: 'forced', times: 1 }),
  crash: instant('the first tab crashes', { do: 'crash', tab: 0 }),
  open: instant('a tab is opened again', { do: 'open' }),
};

const shape =
  /^(?<name>[a-z-]+)(?:=(?<value>[^,@]+))?(?<options>(?:,[a-z-]+=[^,@]+)*)@(?<at>[^+]+)(?:\+(?<length>.+))?$/;

/**
 * One `--fault`.
 *
 * @example parseFault('status=503,retry-after=30s@1m+40s')
 * @throws UsageError
 */
export function parseFault(text: string): Fault {
  const found = shape.exec(text)?.groups;
  if (!found) {
    throw new UsageError(
      'A fault is written name[=value]@start[+length], such as offline@60s+30s or status=503@2m+40s.',
    );
  }
  const { name = '', value, options = '', at: start = '', length } = found;
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind) throw new UsageError(`There is no such fault; there are ${Object.keys(kinds).join(', ')}.`);
  const given = options
    .split(',')
    .filter(Boolean)
    .map((one) => one.split('=') as [string, string]);
  for (const [key] of given) {
    if (!kind.options?.includes(key)) throw new UsageError(`The fault ${name} has no option of that name.`);
  }
  if (kind.lasts === 'spell' && length === undefined)
    throw new UsageError(`The fault ${name} needs a length: ${name}@1m+30s.`);
  if (kind.lasts === 'instant' && length !== undefined)
    throw new UsageError(`The fault ${name} happens in an instant, without a length.`);
  const at = parseDuration(start, 'The start of a fault');
  const lengthMs = length === undefined ? 0 : parseDuration(length, 'The length of a fault');
  if (at < 0 || lengthMs < 0) throw new UsageError('The start and length of a fault must not be negative.');
  const asked = { value, options: new Map(given), lengthMs };
  const deeds = kind.deeds(asked);
  const timed =
    'begin' in deeds
      ? [
          { at, deed: deeds.begin },
          { at: at + lengthMs, deed: deeds.end },
        ]
      : deeds.map((deed) => ({ at, deed }));
  return { name: kind.name?.(asked) ?? (value === undefined ? name : `${name} ${value}`), at, lengthMs, deeds: timed };
}
