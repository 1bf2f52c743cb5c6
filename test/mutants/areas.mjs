/**
 * machines/ in parts, each with the tests that judge it, quickest first: a part takes minutes, the whole of machines/ with the
 * whole suite would take a day. `MUTATION_AREA=clock npm run mutation`; docs/mutants.md has the scores.
 */

const named = (folder, ...names) => names.map((name) => `test/${folder}/${name}.test.ts`);

const alone = (...names) => named('machines', ...names);

const chart = alone('token-transitions', 'token-mints', 'token-turns', 'token-waits', 'token-offline', 'token-timers');
const states = (...names) => names.map((name) => `machines/token/states/${name}.ts`);

/** @type {Record<string, { mutate: string[], tests: string[] }>} */
export const areas = {
  clock: {
    mutate: ['machines/acceptance.ts', 'machines/server-time.ts', 'machines/held-token.ts', 'machines/time.ts'],
    tests: [
      ...alone('acceptance', 'server-time', 'time', 'schedule', 'laws', 'token-transitions'),
      ...named('lifecycle', 'clock-laws', 'accepting-laws', 'accepting', 'failures-invalid'),
      ...named('tabs', 'not-adopted', 'adoption'),
    ],
  },
  plain: {
    mutate: ['key', 'policy', 'check', 'errors', 'failure', 'schedule', 'events'].map((name) => `machines/${name}.ts`),
    tests: [
      ...alone('key', 'check', 'errors', 'failure', 'schedule', 'retry'),
      ...named('mutants', 'failure', 'schedule'),
      ...named('lifecycle', 'defaults', 'bad-input', 'bad-input-calls'),
    ],
  },
  view: {
    mutate: ['machines/view.ts'],
    tests: [...alone('view'), ...named('lifecycle', 'facade', 'failures-backoff', 'offline')],
  },
  'token-laws': {
    mutate: ['laws', 'retry', 'updates', 'context'].map((name) => `machines/token/${name}.ts`),
    tests: alone('laws', 'updates', 'retry', 'token-context', 'token-transitions', 'token-mints', 'view'),
  },
  'token-setup': { mutate: ['machines/token/setup.ts', 'machines/token/machine.ts'], tests: chart },
  'token-waiting': {
    mutate: states('fresh', 'stale', 'restoring', 'signed-out', 'forced', 'served'),
    tests: chart,
  },
  'token-minting': { mutate: states('refreshing', 'mint', 'queueing'), tests: chart },
  'token-failing': { mutate: states('offline-retrying', 'outage-fallback'), tests: chart },
  'session-setup': {
    mutate: ['setup', 'context', 'machine'].map((name) => `machines/session/${name}.ts`),
    tests: alone('session', 'session-keys'),
  },
  'session-chart': { mutate: ['machines/session/states/*.ts'], tests: alone('session', 'session-keys') },
  'handshake-setup': {
    mutate: ['machines/handshake/*.ts'],
    tests: named('server', 'rows', 'decisions', 'handshake'),
  },
  // The rows walk every transition: the whole product of inputs would only make survivors slow.
  'handshake-chart': { mutate: ['machines/handshake/states/*.ts'], tests: named('server', 'rows') },
};

/** The part that the environment names; `null` for the whole of machines/. */
export function areaOf({ MUTATION_AREA: name } = process.env) {
  if (name === undefined) return null;
  const area = areas[name];
  if (!area) throw new Error(`MUTATION_AREA: there are ${Object.keys(areas).join(', ')}`);
  return { name, ...area };
}
