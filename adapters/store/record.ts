import type { SharedRecord } from '../../machines/ports';

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

function rejected(from: Plain): SharedRecord['rejected'] {
  const value = own(from, 'rejected');
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : undefined;
}

function inFlight(from: Plain): SharedRecord['inFlight'] {
  const value = plain(own(from, 'inFlight'));
  if (!value) return undefined;
  const owner = text(value, 'owner');
  const startedAt = number(value, 'startedAt');
  const deadline = number(value, 'deadline');
  const credential = text(value, 'credential');
  if (owner === undefined || startedAt === undefined || deadline === undefined || credential === undefined) {
    return undefined;
  }
  return { owner, startedAt, deadline, credential };
}

const readers = {
  issuedAt: number,
  expiresAt: number,
  fingerprint: text,
  floorUntil: number,
  attempt: count,
  clockOffsetMs: number,
  active,
  tombstone,
  rejected,
  inFlight,
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
  const optional: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(readers)) {
    const value = read(from, name);
    if (value !== undefined) optional[name] = value;
  }
  return { v: 1, generation, epoch, ...optional };
}
