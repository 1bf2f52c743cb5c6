/** A trace as lines that say what happened, for people who know neither the machine nor the library. */
import type { TokenKey } from '../../machines/ports';
import type { EventSeen, TokenSeen, TraceEntry, ValueSeen } from './trace';

type Entry<Kind extends TraceEntry['is']> = Extract<TraceEntry, { is: Kind }>;

const seconds = (ms: number): string => `${Number((ms / 1_000).toFixed(3))} s`;

/** The server's clock, as `iat` and `exp` have it. */
const clockTime = (epochMs: number): string => new Date(epochMs).toISOString().slice(11, 19);

function tokenText({ fingerprint, expiresAt, template }: TokenSeen): string {
  const until = expiresAt === null ? 'without an end' : `until ${clockTime(expiresAt)}`;
  return `token ${fingerprint} (${until}${template === null ? '' : `, template ${template}`})`;
}

function valueText(value: ValueSeen | null): string {
  if (!value || value.kind === 'empty') return 'nothing';
  return value.kind === 'token' ? tokenText(value.token) : `${value.fingerprint} (no JWT)`;
}

function keyText(key: TokenKey | null): string {
  if (!key) return 'a token';
  const { template, organizationId, sessionId } = key;
  const what = template === undefined ? 'the session token' : `template ${template}`;
  return `${what} of ${sessionId}${organizationId ? ` in ${organizationId}` : ''}`;
}

const list = (parts: readonly (string | false | null)[]): string => parts.filter(Boolean).join(', ');

const commands: Readonly<Record<string, string>> = {
  open: 'is opened',
  close: 'is closed',
  crash: 'crashes',
  show: 'is shown',
  hide: 'is hidden',
  focus: 'gets the focus',
  blur: 'loses the focus',
  freeze: 'is frozen',
  resume: 'is thawed',
  pagehide: 'goes into the back/forward cache',
  pageshow: 'comes back from the back/forward cache',
  offline: 'loses its network',
  online: 'has a network again',
  start: 'start()',
  stop: 'stop()',
  'sign-out': 'signOut()',
};

function commandText(entry: Entry<'command'>): string {
  switch (entry.do) {
    case 'sleep':
      return `sleeps for ${seconds(entry.ms)}`;
    case 'skew':
      return `has its wall clock set by ${seconds(entry.ms)}`;
    case 'sign-in':
      return `signIn(): ${entry.sessionId}${entry.organizationId ? ` in ${entry.organizationId}` : ''}`;
    case 'switch':
      return `setActive(): ${entry.sessionId}${entry.organizationId ? ` in ${entry.organizationId}` : ''}`;
    case 'reject':
      return `reportRejected(): token ${entry.fingerprint}`;
    default:
      return commands[entry.do] ?? entry.do;
  }
}

function requestText(entry: Entry<'request'>): string {
  const asks = {
    mint: `asks for ${keyText(entry.key)}`,
    check: 'asks whether the session lives',
    revoke: 'ends the session',
  };
  const about = list([
    `request ${entry.id}`,
    entry.cause,
    entry.attempt !== null && entry.attempt > 1 && `attempt ${entry.attempt}`,
    entry.presented && `with the last ${tokenText(entry.presented)}`,
    entry.credential !== null && `with credential ${entry.credential}`,
    !entry.online && 'although offline',
    entry.online && !entry.connected && 'no network in truth',
  ]);
  return `${asks[entry.op]} (${about})`;
}

function servedText(entry: Entry<'served'>): string {
  const did = entry.token
    ? `mints ${tokenText(entry.token)}`
    : entry.verdict
      ? `says that the session is ${entry.verdict}`
      : entry.status === null
        ? 'says nothing'
        : `answers ${list([String(entry.status), entry.code])}`;
  const about = list([
    `request ${entry.id}`,
    entry.by !== 'mint' && `told to: ${entry.by}`,
    entry.retryAfterMs !== null && `retry after ${seconds(entry.retryAfterMs)}`,
    entry.reused && 'the credential was spent before: the session is over',
  ]);
  return `${did} (${about})`;
}

function answerText(entry: Entry<'answer'>): string {
  const got = entry.token ? tokenText(entry.token) : `status ${entry.status}`;
  const texts = {
    answered: `gets ${got}`,
    late: `no longer waits when ${got} arrives`,
    failed: 'gets no answer',
    aborted: 'gives up waiting',
  };
  return `${texts[entry.outcome]} (request ${entry.id})`;
}

function readText({ kind, key, timeoutMs, id }: Entry<'read'>): string {
  const how = { plain: 'getToken()', forced: 'getToken({ skipCache: true })', peek: 'peek()' }[kind];
  return `${how} for ${keyText(key)} (${list([`read ${id}`, timeoutMs !== null && `at most ${seconds(timeoutMs)}`])})`;
}

function settledText({ id, outcome, value, code, failure }: Entry<'settled'>): string {
  const what =
    outcome === 'error' ? `the error ${list([code, failure])}` : outcome === 'null' ? 'null' : valueText(value);
  return `read ${id} gets ${what}`;
}

function cookieText({ did, value, now }: Entry<'cookie'>): string {
  const many = now.length > 1 ? `; the server now sees ${now.length} of that name` : '';
  const texts = {
    written: `writes the cookie: ${valueText(value)}`,
    removed: `removes the cookie: ${valueText(value)}`,
    expired: `the cookie has run out: ${valueText(value)}`,
    refused: `may not write the cookie: ${valueText(value)}`,
    tossed: `another domain sets a cookie of that name: ${valueText(value)}`,
  };
  return texts[did] + many;
}

function eventText({ type, event }: EventSeen): string {
  const { reason, fingerprint, status, operation, adapter, from } = event as unknown as Record<string, unknown>;
  const about = list(
    [reason, fingerprint, status, adapter, operation, from].map((part) => part !== undefined && String(part)),
  );
  return about === '' ? `emits ${type}` : `emits ${type} (${about})`;
}

function stateText(entry: Entry<'state'>): string {
  const { state, substate, status, serving, fingerprint } = entry;
  const about = list([
    substate,
    status !== 'ok' && status,
    state !== 'signed-out' && (serving ? `serves ${fingerprint}` : 'readers wait'),
  ]);
  return `is ${state}${about === '' ? '' : ` (${about})`}`;
}

function storeText({ record }: Entry<'store'>): string {
  if (!record) return 'deletes the shared record';
  const about = list([
    `generation ${record.generation}`,
    `epoch ${record.epoch}`,
    record.tombstone ? 'signed out' : null,
    record.outage === true && 'outage',
    record.inFlight ? 'a credential is being spent' : null,
  ]);
  return `writes the shared record (${about})`;
}

const worldText = (entry: Entry<'world'>): string =>
  `begins: ${list([
    `seed ${entry.seed}`,
    `${entry.tabs} tabs`,
    `tokens of ${seconds(entry.ttlMs)}`,
    `${seconds(entry.latencyMs)} per request`,
    entry.credential !== 'ambient' && `${entry.credential} credentials`,
    `shared: ${list(Object.entries(entry.shared).map(([name, value]) => `${name} ${String(value)}`))}`,
  ])}`;

function textOf(entry: TraceEntry): string {
  switch (entry.is) {
    case 'world':
      return worldText(entry);
    case 'command':
      return commandText(entry);
    case 'presence':
      return `is ${entry.visibility}, ${entry.focus ? 'with' : 'without'} the focus`;
    case 'fault':
      return `fault: ${list([entry.fault, entry.detail ?? null])}`;
    case 'request':
      return requestText(entry);
    case 'served':
      return servedText(entry);
    case 'answer':
      return answerText(entry);
    case 'read':
      return readText(entry);
    case 'settled':
      return settledText(entry);
    case 'cookie':
      return cookieText(entry);
    case 'companion':
      return `the cookie's companion says ${entry.value ?? 'nothing'}`;
    case 'cache':
      return `${entry.did === 'set' ? 'caches' : 'clears from the cache:'} ${valueText(entry.value)}`;
    case 'store':
      return storeText(entry);
    case 'message':
      return `message ${entry.id} is ${entry.did}: ${list([entry.kind ?? 'unknown', entry.value && valueText(entry.value)])}`;
    case 'lock':
      return `lock ${entry.did === 'done' ? 'given back' : entry.did}`;
    case 'event':
      return eventText(entry);
    case 'state':
      return stateText(entry);
    case 'leftovers':
      return `has left: ${entry.timers} timers, ${entry.listeners} listeners, ${entry.locks} locks`;
    case 'leak':
      return `LEAK: the raw secret ${entry.fingerprint} stands in ${entry.where}`;
  }
}

const whoIn = ({ tab, is }: TraceEntry): string => {
  if (tab !== null) return `tab ${tab}`;
  return is === 'served' ? 'server' : is === 'world' ? 'world' : 'browser';
};

/**
 * One line per entry: when, who, what. Times are true seconds since the world began; a token's end is on the server's clock.
 *
 * @param entries a trace, or a part of one
 * @example console.log(formatTrace(world.trace.slice(-30)));
 */
export function formatTrace(entries: readonly TraceEntry[]): string {
  return entries
    .map((entry) => `${(entry.at / 1_000).toFixed(3).padStart(10)} s  ${whoIn(entry).padEnd(8)} ${textOf(entry)}`)
    .join('\n');
}
