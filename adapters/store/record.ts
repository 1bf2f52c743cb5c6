import type { SharedKey, SharedRecord } from '../../machines/ports';

type Plain = Readonly<Record<string, unknown>>;

/** An object that was not made by a class; arrays and null are none. */
function plain(value: unknown): Plain | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : undefined;
}

/** Own properties only: a polluted prototype, or a key `__proto__` in the stored data, decides nothing here. */
const own = (from: Plain, name: string): unknown => (Object.hasOwn(from, name) ? from[name] : undefined);

const number = (from: Plain, name: string): number | undefined => {
  const value = own(from, name);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

const count = (from: Plain, name: string): number | undefined => {
  const value = own(from, name);
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
};

const text = (from: Plain, name: string): string | undefined => {
  const value = own(from, name);
  return typeof value === 'string' ? value : undefined;
};

function active(from: Plain): SharedRecord['active'] {
  const value = plain(own(from, 'active'));
  const sessionHash = value && text(value, 'sessionHash');
  const organizationHash = value && text(value, 'organizationHash');
  return sessionHash === undefined || organizationHash === undefined ? undefined : { sessionHash, organizationHash };
}

function tombstone(from: Plain): SharedRecord['tombstone'] {
  const value = plain(own(from, 'tombstone'));
  const at = value && number(value, 'at');
  const reason = value && text(value, 'reason');
  return at === undefined || reason === undefined ? undefined : { at, reason };
}

const texts = (from: Plain, name: string): readonly string[] | undefined => {
  const value = own(from, name);
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : undefined;
};

function counts(from: Plain, name: string): Readonly<Record<string, number>> | undefined {
  const value = plain(own(from, name));
  if (!value) return undefined;
  const entries = Object.keys(value).flatMap((key) => {
    const found = key === '__proto__' ? undefined : count(value, key);
    return found === undefined ? [] : [[key, found] as const];
  });
  return Object.fromEntries(entries);
}

function signIns(from: Plain): SharedRecord['signIns'] {
  const value = plain(own(from, 'signIns'));
  if (!value) return undefined;
  const entries = Object.entries(value).flatMap(([session, entry]) => {
    const known = plain(entry);
    const epoch = known && count(known, 'epoch');
    const at = known && number(known, 'at');
    return session === '__proto__' || epoch === undefined || at === undefined
      ? []
      : [[session, { epoch, at }] as const];
  });
  return Object.fromEntries(entries);
}

const flag = (from: Plain, name: string): boolean | undefined => {
  const value = own(from, name);
  return typeof value === 'boolean' ? value : undefined;
};

function mark(stored: unknown): SharedRecord['inFlight'] {
  const value = plain(stored);
  if (!value) return undefined;
  const owner = text(value, 'owner');
  const startedAt = number(value, 'startedAt');
  const deadline = number(value, 'deadline');
  const credential = text(value, 'credential');
  if (owner === undefined || startedAt === undefined || deadline === undefined || credential === undefined) {
    return undefined;
  }
  return { owner, startedAt, deadline, credential, ...pick(value, { sessionHash: text }) };
}

const inFlight = (from: Plain): SharedRecord['inFlight'] => mark(own(from, 'inFlight'));

function inFlightToo(from: Plain): SharedRecord['inFlightToo'] {
  const value = own(from, 'inFlightToo');
  return Array.isArray(value) ? value.flatMap((one) => mark(one) ?? []) : undefined;
}

/** The fields that are there and make sense, in a new object. */
function pick(from: Plain, readers: Readonly<Record<string, (from: Plain, name: string) => unknown>>): Plain {
  const picked: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(readers)) {
    const value = read(from, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

function failed(from: Plain): SharedKey['failed'] {
  const value = plain(own(from, 'failed'));
  const by = value && text(value, 'by');
  const attempt = value && count(value, 'attempt');
  const since = value && number(value, 'since');
  const notBefore = value && number(value, 'notBefore');
  const kind = value && text(value, 'kind');
  const failure = value && text(value, 'class');
  if (!value || by === undefined || attempt === undefined || failure === undefined) return;
  if (since === undefined || notBefore === undefined) return;
  if (kind !== 'backoff' && kind !== 'decay' && kind !== 'ambiguous') return;
  return { by, attempt, since, notBefore, kind, class: failure, ...pick(value, { status: number, code: text }) };
}

function minting(from: Plain): SharedKey['minting'] {
  const value = plain(own(from, 'minting'));
  const by = value && text(value, 'by');
  const since = value && number(value, 'since');
  const until = value && number(value, 'until');
  return by === undefined || since === undefined || until === undefined ? undefined : { by, since, until };
}

const instants = (from: Plain, name: string): readonly number[] | undefined => {
  const value = own(from, name);
  return Array.isArray(value) ? value.filter((one): one is number => Number.isFinite(one)) : undefined;
};

const keyReaders = {
  issuedAt: number,
  originIssuedAt: number,
  expiresAt: number,
  fingerprint: text,
  spent: texts,
  failed,
  minting,
  startedAt: number,
  failedAt: instants,
} satisfies Record<keyof SharedKey, unknown>;

function keys(from: Plain): SharedRecord['keys'] {
  const value = plain(own(from, 'keys'));
  if (!value) return undefined;
  const entries = Object.entries(value).flatMap(([name, entry]) => {
    const known = plain(entry);
    return known && name !== '__proto__' ? [[name, pick(known, keyReaders)] as const] : [];
  });
  return Object.fromEntries(entries);
}

const readers = {
  issuedAt: number,
  expiresAt: number,
  fingerprint: text,
  floorUntil: number,
  floorSince: number,
  attempt: count,
  clockOffsetMs: number,
  active,
  tombstone,
  rejected: texts,
  inFlight,
  inFlightToo,
  signInEpoch: count,
  signIns,
  signedOut: counts,
  outage: flag,
  keys,
} satisfies Record<Exclude<keyof SharedRecord, 'v' | 'generation' | 'epoch'>, (from: Plain, name: string) => unknown>;

/**
 * Reads what a store holds as a `SharedRecord`, field by field into a new object (lifecycle §10). A field of the wrong type
 * is left out, and so is an unknown key; without a known version, a generation and an epoch there is no record at all.
 * Never throws.
 *
 * @param stored whatever the store gave back: anybody on the origin may have written it
 * @example parseRecord(JSON.parse(text)) // SharedRecord | undefined
 */
export function parseRecord(stored: unknown): SharedRecord | undefined {
  const from = plain(stored);
  if (!from || own(from, 'v') !== 1) return undefined;
  const generation = count(from, 'generation');
  const epoch = count(from, 'epoch');
  if (generation === undefined || epoch === undefined) return undefined;
  return { v: 1, generation, epoch, ...pick(from, readers) };
}
