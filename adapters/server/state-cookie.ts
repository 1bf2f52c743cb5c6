/**
 * The cookie that binds a handshake to the browser that began it, and counts handshakes (H2, loop guard).
 *
 * Each handshake has a cookie of its own, so that tabs that are sent away together all find their way back. The name begins with
 * `__Host-`, which no neighbour domain can write. The value is the random state, or `used` once it has served, and then one
 * entry per handshake that this browser has been sent on lately: four characters of its state and its time in ms, base 36.
 */
import type { CookiePair } from './cookie-header';
import { type ServerAttributes, setCookieText } from './set-cookie';

const prefix = '__Host-handshake-';
/** How far back the loop guard looks, and how long a browser has to come back. */
export const windowMs = 120_000;
/** Another server's clock may be ahead; what is further off is nonsense, and would stay for good. */
const aheadMs = 60_000;
const maxEntries = 8;
const used = 'used';

type Entry = { readonly tag: string; readonly at: number };

export type StateCookie = {
  readonly name: string;
  /** `null`: it has served. */
  readonly state: string | null;
};

export type BrowserState = {
  readonly cookies: readonly StateCookie[];
  /** Handshakes within the window, the oldest first. */
  readonly entries: readonly Entry[];
};

const statePattern = /^[\w-]{22}$/;
const entryPattern = /^([\w-]{4})([0-9a-z]{1,9})$/;

function readEntry(text: string): Entry[] {
  const [, tag = '', time = ''] = entryPattern.exec(text) ?? [];
  return tag === '' ? [] : [{ tag, at: Number.parseInt(time, 36) }];
}

/** What this browser's state cookies say. Whatever else they hold is not ours. */
export function readStates(pairs: readonly CookiePair[], nowMs: number): BrowserState {
  const found = pairs
    .filter(({ name }) => name.startsWith(prefix))
    .slice(0, 2 * maxEntries)
    .map(({ name, value }) => ({ name, parts: value.split('.') }))
    .filter(({ parts: [state = ''] }) => state === used || statePattern.test(state));
  const entries = new Map<string, Entry>();
  for (const entry of found.flatMap(({ parts }) => parts.slice(1, 1 + maxEntries).flatMap(readEntry))) {
    const isRecent = entry.at > nowMs - windowMs && entry.at <= nowMs + aheadMs;
    if (isRecent) entries.set(`${entry.tag}${entry.at}`, entry);
  }
  return {
    cookies: found.map(({ name, parts: [state = used] }) => ({ name, state: state === used ? null : state })),
    entries: [...entries.values()].sort((a, b) => a.at - b.at).slice(-maxEntries),
  };
}

/** 128 random bits. */
export function randomState(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

const nameFor = (state: string): string => `${prefix}${state.slice(0, 8)}`;

/** Whether this browser began the handshake with that state, and has not used it yet. */
export const knows = ({ cookies }: BrowserState, state: string): boolean =>
  cookies.some((cookie) => cookie.state === state);

/** Lax, since the way back from the issuer is a cross-site one (F22); a frame only has its partition. */
const attributes = (name: string, framed: boolean): ServerAttributes => ({
  name,
  path: '/',
  domain: undefined,
  secure: true,
  httpOnly: true,
  sameSite: framed ? 'None' : 'Lax',
  partitioned: framed,
});

const textFor = (name: string, framed: boolean, state: string, entries: readonly Entry[]): string =>
  setCookieText(
    attributes(name, framed),
    [state, ...entries.map(({ tag, at }) => `${tag}${at.toString(36)}`)].join('.'),
    windowMs / 1_000,
  );

/** A handshake begins. */
export const beginCookie = (state: string, browser: BrowserState, nowMs: number, framed: boolean): string =>
  textFor(nameFor(state), framed, state, [
    ...browser.entries.slice(1 - maxEntries),
    { tag: state.slice(0, 4), at: nowMs },
  ]);

/** It has served, and counts on: only a session that is seen afterwards proves that cookies are kept (F05). */
export const usedCookie = (state: string, { entries }: BrowserState, framed: boolean): string =>
  textFor(nameFor(state), framed, used, entries);

/** Those that have served and counted. Others may be on their way in another tab. */
export const proofCookies = ({ cookies }: BrowserState, framed: boolean): string[] =>
  cookies.filter(({ state }) => state === null).map(({ name }) => setCookieText(attributes(name, framed), '', 0));
