/**
 * What tabs tell each other. Messages are unsigned, and anybody on the origin may have sent them: what arrives is copied into
 * a new object one known field at a time, and dropped where it makes no sense (R10.12).
 */

/** Every message says who sent it, so that a channel may deliver to the sender as well. */
type Sent = { readonly v: 1; readonly from: string };

export type Told =
  /** A token of one key. Never a refresh credential. */
  | {
      readonly is: 'token';
      readonly key: string;
      readonly epoch: number | null;
      readonly token: string;
      /** Only for the tab that asked. */
      readonly to?: string;
      /** It came from an edge while the origin is away. */
      readonly outage: boolean;
      /** Epoch ms, for opaque tokens. */
      readonly issuedAt?: number;
      readonly expiresAt?: number;
      /** Estimated server time minus the local wall clock, where the sender has evidence. */
      readonly offsetMs?: number;
      /** See `TokenFacts.leadCapMs`. */
      readonly leadCapMs?: number;
    }
  /** The same without the token: it is found in a cache or cookie that all tabs read. */
  | { readonly is: 'notice'; readonly key: string; readonly epoch: number | null; readonly fingerprint: string }
  /** Who has a token of this key? */
  | { readonly is: 'ask'; readonly key: string }
  /** `at`: when that was, local epoch ms. */
  | { readonly is: 'signed-out'; readonly session: string; readonly epoch: number | null; readonly at?: number }
  | { readonly is: 'rejected'; readonly session: string; readonly fingerprint: string };

export type Message = Sent & Told;

const own = (from: object, name: string): unknown =>
  Object.hasOwn(from, name) ? (from as Record<string, unknown>)[name] : undefined;

/** Longer names and ids than any of ours. */
const longest = 500;

const name = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= longest ? value : undefined;
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
const epoch = (value: unknown): number | null | undefined =>
  value === null ? null : Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;

function told(from: object): Told | undefined {
  const key = name(own(from, 'key'));
  const session = name(own(from, 'session'));
  const fingerprint = name(own(from, 'fingerprint'));
  const since = epoch(own(from, 'epoch'));
  switch (own(from, 'is')) {
    case 'token': {
      const token = own(from, 'token');
      if (key === undefined || since === undefined || typeof token !== 'string') return undefined;
      const to = name(own(from, 'to'));
      const numbers: Record<string, number> = {};
      for (const field of ['issuedAt', 'expiresAt', 'offsetMs', 'leadCapMs']) {
        const value = number(own(from, field));
        if (value !== undefined) numbers[field] = value;
      }
      return {
        is: 'token',
        key,
        epoch: since,
        token,
        outage: own(from, 'outage') === true,
        ...(to !== undefined && { to }),
        ...numbers,
      };
    }
    case 'notice':
      if (key === undefined || since === undefined || fingerprint === undefined) return undefined;
      return { is: 'notice', key, epoch: since, fingerprint };
    case 'ask':
      return key === undefined ? undefined : { is: 'ask', key };
    case 'signed-out': {
      const at = number(own(from, 'at'));
      if (session === undefined || since === undefined) return undefined;
      return { is: 'signed-out', session, epoch: since, ...(at !== undefined && { at }) };
    }
    case 'rejected':
      if (session === undefined || fingerprint === undefined) return undefined;
      return { is: 'rejected', session, fingerprint };
    default:
      return undefined;
  }
}

/** The message in what arrived; `undefined` for anything else. Never throws. */
export function parseMessage(arrived: unknown): Message | undefined {
  if (typeof arrived !== 'object' || arrived === null || own(arrived, 'v') !== 1) return undefined;
  const from = name(own(arrived, 'from'));
  const message = told(arrived);
  return from !== undefined && message ? { v: 1, from, ...message } : undefined;
}
