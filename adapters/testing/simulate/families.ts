/** Everything that can happen to a world, by family. A family draws one deed at a time. */
import { malformedKinds } from '../token-server/malformed';
import type { Random } from './random';
import { type Deed, forgeries } from './schedule';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const tab = (random: Random): number => random.int(0, 4);

/** How long trouble lasts, and how much of what happens meanwhile it hits. */
const spell = (random: Random, longestMs = 10 * minute) => ({
  forMs: random.scale(50, longestMs),
  every: random.pick([1, 1, 1, 2, 3]),
});

/** Answers to mints, and sometimes to everything that is asked. */
const server = (random: Random, answers: Extract<Deed, { do: 'server' }>['answers'], longestMs?: number): Deed => ({
  do: 'server',
  answers,
  all: random.chance(0.3),
  ...spell(random, longestMs),
});

export const families = {
  reads: (random) => ({
    do: 'read',
    tab: tab(random),
    kind: random.pick(['plain', 'plain', 'peek']),
    times: random.int(1, 20),
  }),
  'forced reads': (random) => ({ do: 'read', tab: tab(random), kind: 'forced', times: random.int(1, 5) }),
  'template reads': (random) => ({
    do: 'read',
    tab: tab(random),
    kind: random.pick(['plain', 'forced']),
    times: random.int(1, 3),
    template: random.pick(['db', 'maps']),
  }),
  'reads with a deadline': (random) => ({
    do: 'read',
    tab: tab(random),
    kind: random.pick(['plain', 'forced']),
    times: random.int(1, 3),
    timeoutMs: random.scale(1, minute),
  }),
  'reads that are aborted': (random) => ({
    do: 'read',
    tab: tab(random),
    kind: random.pick(['plain', 'forced']),
    times: random.int(1, 3),
    abortAfterMs: random.scale(0, 20 * second),
  }),
  'refused tokens': (random) => ({ do: 'reject', tab: tab(random) }),

  'server errors': (random) =>
    server(random, {
      do: 'status',
      status: random.pick([500, 502, 503, 504, 408, 425]),
      ...(random.chance(0.3) && { body: '<html>Bad gateway</html>' }),
    }),
  'rate limits': (random) =>
    server(random, {
      do: 'status',
      status: random.pick([429, 429, 503]),
      ...(random.chance(0.8) && { retryAfterSeconds: random.scale(1, 2 * 3_600) }),
    }),
  refusals: (random) => server(random, { do: 'status', status: random.pick([400, 403, 404, 422]), code: 'not_today' }),
  'doubts about the session': (random) => ({
    do: 'server',
    answers: {
      do: 'status',
      status: 401,
      ...(random.chance(0.5) && { code: random.pick(['session_not_found', 'invalid_grant', 'clock_skew']) }),
    },
    all: false,
    ...spell(random, 2 * minute),
  }),
  outages: (random) => server(random, { do: 'outage' }, 30 * minute),
  silence: (random) => server(random, { do: random.pick(['hang', 'unreachable', 'drop']) }),
  'slow answers': (random) => {
    const ms = random.scale(10, 30 * second);
    return server(
      random,
      random.pick([
        { do: 'delay', ms },
        { do: 'late', ms },
      ]),
    );
  },
  'malformed tokens': (random) => server(random, { do: 'malformed', how: random.pick(malformedKinds) }, 3 * minute),
  'aged tokens': (random) =>
    server(random, { do: 'mint', ageSeconds: random.pick([-30, 2, 20, 50, 3_600]) }, 3 * minute),
  'other lifetimes': (random) =>
    server(random, { do: 'mint', ttlSeconds: random.pick([1, 5, 20, 600, 30 * 24 * 3_600]) }),
  'revoked sessions': (random) => ({ do: 'revoke', user: random.pick([1, 1, 2]) }),

  'lost requests': (random) => ({
    do: 'network',
    fault: { lose: 'request', loss: random.pick(['fails', 'hangs']) },
    ...spell(random),
  }),
  'lost answers': (random) => ({
    do: 'network',
    fault: { lose: 'response', loss: random.pick(['fails', 'hangs']) },
    ...spell(random),
  }),
  'slow network': (random) => ({
    do: 'network',
    fault: { upMs: random.scale(0, 20 * second), downMs: random.scale(0, 20 * second) },
    ...spell(random),
  }),
  'no network': (random) => ({
    do: 'offline',
    tab: random.chance(0.3) ? tab(random) : null,
    silent: random.chance(0.2),
    forMs: random.scale(50, 30 * minute),
  }),

  'lost messages': (random) => ({ do: 'messages', fault: { lose: true }, ...spell(random) }),
  'late messages': (random) => ({ do: 'messages', fault: { delayMs: random.scale(1, 2 * minute) }, ...spell(random) }),
  'doubled messages': (random) => ({ do: 'messages', fault: { copies: random.int(2, 4) }, ...spell(random) }),
  'forged messages': (random) => ({ do: 'forge', what: random.pick(forgeries) }),

  'stolen locks': (random) => ({
    do: 'lock',
    fault: { steal: true, afterMs: random.scale(0, 10 * second) },
    ...spell(random),
  }),
  'locks out of reach': (random) => ({ do: 'lock', fault: 'never', ...spell(random) }),
  'no locks': (random) => ({ do: 'lock', fault: 'unavailable', ...spell(random) }),
  'storage fails': (random) => ({
    do: 'storage',
    adapter: random.pick(['cache', 'store', 'store']),
    fault: random.pick(['throws', 'full', 'hangs']),
    ...spell(random),
  }),
  'storage is slow': (random) => ({
    do: 'storage',
    adapter: random.pick(['cache', 'store']),
    fault: { delayMs: random.scale(1, 10 * second) },
    ...spell(random),
  }),
  'cookies blocked': (random) => ({ do: 'storage', adapter: 'cookie', fault: 'throws', ...spell(random) }),

  sleep: (random) => ({ do: 'sleep', ms: random.scale(second, 12 * hour) }),
  'clock jumps': (random) => ({ do: 'skew', ms: random.pick([-1, 1]) * random.scale(100, 24 * hour) }),
  'frozen tabs': (random) => ({ do: random.pick(['freeze', 'pagehide', 'resume', 'resume']), tab: tab(random) }),
  visibility: (random) => ({ do: random.pick(['show', 'hide', 'focus', 'focus', 'blur']), tab: tab(random) }),
  crashes: (random) => ({ do: 'crash', tab: tab(random) }),
  'closed tabs': (random) => ({ do: 'close', tab: tab(random) }),
  'new tabs': () => ({ do: 'open' }),
  restarts: (random) => ({ do: 'restart', tab: tab(random) }),

  'sign-outs': (random) => ({ do: 'sign-out', tab: tab(random) }),
  'sign-ins': (random) => ({ do: 'sign-in', tab: tab(random), user: 1 }),
  'other users': (random) => ({ do: 'sign-in', tab: tab(random), user: random.pick([1, 2]) }),
  switches: (random) => ({ do: 'switch', tab: tab(random), organization: random.pick(['org_1', 'org_2', null]) }),
} as const satisfies Record<string, (random: Random) => Deed>;

/** The name of a family: what `simulate({ faults })` takes. */
export type Family = keyof typeof families;
