/** Values of any kind, turned into plain data that may leave. Nothing in here throws, whatever it is given. */
import { trustIn } from './names';
import { cleanText, redact, type Trust } from './text';

/** What JSON can say. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

export type Limits = {
  /** Objects inside objects. */
  readonly depth: number;
  /** Entries of one object or list. */
  readonly entries: number;
  /** Values in all. */
  readonly values: number;
};

/** Of contexts, events, outputs and errors: an inspector is no backup. */
const ofData: Limits = { depth: 12, entries: 200, values: 5_000 };

/** One walk through one value: what is around, and how much may still be looked at. */
type Walk = { readonly limits: Limits; readonly around: Set<object>; left: number };
type At = { readonly trust: Trust; readonly depth: number };

const attempt = <T, Otherwise>(look: () => T, otherwise: Otherwise): T | Otherwise => {
  try {
    return look();
  } catch {
    return otherwise;
  }
};

/** Of any realm. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** `[Headers]`: what has methods of its own is named and not opened, since nobody knows what they would give out. */
function nameOf(value: object): string {
  const { name } = (value as { constructor?: { name?: unknown } }).constructor ?? {};
  return `[${typeof name === 'string' && name !== '' ? cleanText(name, 'code') : 'object'}]`;
}

function visitList(walk: Walk, items: Iterable<unknown>, { trust, depth }: At): Plain[] {
  const list: Plain[] = [];
  for (const item of items) {
    if (list.length >= walk.limits.entries || walk.left <= 0) return [...list, '[more]'];
    list.push(visit(walk, item, { trust, depth }) ?? null);
  }
  return list;
}

function visitFields(walk: Walk, names: readonly string[], value: object, { trust, depth }: At): Plain {
  const fields: [string, Plain][] = [];
  for (const name of names) {
    if (fields.length >= walk.limits.entries || walk.left <= 0) {
      fields.push(['[more]', names.length - fields.length]);
      break;
    }
    const held = attempt(() => (value as Record<string, unknown>)[name], '[unreadable]');
    const plain = visit(walk, held, { trust: trustIn(name, trust), depth });
    // A name may be a secret as well: a cache is keyed by tokens sooner or later.
    if (plain !== undefined) fields.push([cleanText(name, 'code'), plain]);
  }
  return Object.fromEntries(fields);
}

/** No stack: it repeats the message. */
function visitError(walk: Walk, error: Error, at: At): Plain {
  const own = ['code', 'serverCode', 'status', 'reason', 'failure'];
  const names = [...own.filter((name) => name in error), ...(error.cause === undefined ? [] : ['cause'])];
  return {
    name: cleanText(String(error.name), 'code'),
    message: cleanText(String(error.message), at.trust === 'secret' ? 'secret' : 'data'),
    ...(visitFields(walk, names, error, at) as Readonly<Record<string, Plain>>),
  };
}

/** A key says about its value what the name of a field would. */
function visitMap(walk: Walk, map: ReadonlyMap<unknown, unknown>, { trust, depth }: At): Plain {
  const pairs: Plain[] = [];
  for (const [key, held] of map) {
    if (pairs.length >= walk.limits.entries || walk.left <= 0) return [...pairs, '[more]'];
    const about = typeof key === 'string' ? trustIn(key, trust) : trust;
    pairs.push([
      visit(walk, key, { trust: 'data', depth }) ?? null,
      visit(walk, held, { trust: about, depth }) ?? null,
    ]);
  }
  return pairs;
}

/** An actor in a context: who it is, not what it holds. */
function actorIn(value: object): Plain | undefined {
  const { sessionId, id, send, getSnapshot } = value as Readonly<Record<string, unknown>>;
  if (typeof sessionId !== 'string' || typeof send !== 'function' || typeof getSnapshot !== 'function')
    return undefined;
  return { xstate$$type: 1, id: cleanText(String(id), 'code'), sessionId: cleanText(sessionId, 'code') };
}

function open(walk: Walk, value: object, at: At): Plain {
  if (Array.isArray(value) || value instanceof Set) return visitList(walk, value, at);
  if (value instanceof Map) return visitMap(walk, value, at);
  if (value instanceof Error) return visitError(walk, value, at);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[Date]' : value.toISOString();
  if (isPlainObject(value)) return visitFields(walk, Object.keys(value), value, at);
  return actorIn(value) ?? nameOf(value);
}

function visitObject(walk: Walk, value: object, { trust, depth }: At): Plain {
  if (walk.around.has(value)) return '[circular]';
  if (depth >= walk.limits.depth) return '[deeper]';
  walk.around.add(value);
  const plain = attempt(() => open(walk, value, { trust, depth: depth + 1 }), '[unreadable]');
  walk.around.delete(value);
  return plain;
}

function visit(walk: Walk, value: unknown, at: At): Plain | undefined {
  walk.left -= 1;
  switch (typeof value) {
    case 'string':
      return cleanText(value, at.trust);
    case 'number':
      // A PIN is a number too.
      if (at.trust === 'secret') return redact(String(value));
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return cleanText(String(value), at.trust);
    case 'boolean':
      return value;
    case 'symbol':
      return '[symbol]';
    case 'function':
      // In a definition its name stands for it, as the inspector's own protocol has it.
      return at.trust === 'chart' ? { type: cleanText(String(value.name), 'code') } : '[function]';
    case 'object':
      return value === null ? null : visitObject(walk, value, at);
    default:
      return undefined;
  }
}

/**
 * Plain data that holds no secret: fingerprints stand in their places, the shape stays. Safe for cyclic, huge and hostile
 * values: getters and proxies that throw, class instances (named, not opened).
 *
 * @param trust how far the value itself is trusted; its fields go by their names
 * @example redactValue({ token: 'eyJ…', attempt: 2 }) // { token: '[redacted 9f86d081]', attempt: 2 }
 */
export function redactValue(value: unknown, trust: Trust = 'data', limits: Limits = ofData): Plain | undefined {
  return visit({ limits, around: new Set(), left: limits.values }, value, { trust, depth: 0 });
}
