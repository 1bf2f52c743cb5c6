/** The words of the overview. The keys are checked against the machines, and so is each id that a text stands for. */
import { defaultPolicy } from '../../machines/policy';

export type StateText = {
  /** What the machine does. */
  readonly does: string;
  /** What a reader of the token gets meanwhile. */
  readonly reader: string;
};

const whileUsable = 'getToken() gives the old one while it lasts';

export const stateTexts: Readonly<Record<string, StateText>> = {
  restoring: { does: 'looks for a token', reader: 'getToken() waits' },
  fresh: { does: 'holds a good token', reader: 'getToken() gives it' },
  stale: { does: 'holds one to replace soon', reader: whileUsable },
  refreshing: { does: 'asks for a new one', reader: whileUsable },
  'offline-retrying': { does: 'sends nothing, waits for the network', reader: whileUsable },
  'outage-fallback': { does: 'works around a failing origin', reader: whileUsable },
  'signed-out': { does: 'rests', reader: 'getToken() gives null' },
};

export type ArrowText = {
  readonly text: string;
  /** The behaviour, in docs/lifecycle.md, that the text tells; a transition of the arrow has to carry it. */
  readonly id: string;
};

const leadS = (defaultPolicy.leewayMs + defaultPolicy.leadMarginMs) / 1000;

/** By `from>to`; `*` is every state. */
export const arrowTexts: Readonly<Record<string, ArrowText>> = {
  'restoring>fresh': { text: 'a token is there', id: 'T1' },
  'restoring>refreshing': { text: 'a session, no usable token', id: 'T3' },
  'restoring>signed-out': { text: 'no session', id: 'T4' },
  'fresh>stale': { text: `${leadS} s before it expires`, id: 'T5' },
  'stale>refreshing': { text: 'in the background', id: 'T6' },
  'refreshing>fresh': { text: 'a new token', id: 'T7' },
  'refreshing>offline-retrying': { text: 'no network', id: 'T9' },
  'refreshing>outage-fallback': { text: 'the origin fails', id: 'T10' },
  'refreshing>signed-out': { text: 'the session is gone', id: 'T14' },
  'offline-retrying>refreshing': { text: 'online again', id: 'T20' },
  'outage-fallback>refreshing': { text: 'the next try', id: 'T17' },
  'outage-fallback>fresh': { text: 'minted from the expired token', id: 'T16' },
  'signed-out>restoring': { text: 'signed in', id: 'T28' },
  '*>signed-out': { text: 'signOut(), in any tab', id: 'T27' },
  '*>fresh': { text: 'a newer token from another tab', id: 'T23' },
};

/** Why the overview does without them. The diagrams of the parts have them. */
export const leftOut: Readonly<Record<string, ArrowText>> = {
  'fresh>refreshing': { text: 'somebody forces a refresh', id: 'T24' },
  'stale>fresh': { text: 'the clock was corrected: it is not stale after all', id: 'R9.1' },
  'restoring>outage-fallback': { text: 'a `Retry-After` from before the reload still holds', id: 'T3' },
  'offline-retrying>fresh': { text: 'online again, and the token is still good', id: 'T20' },
  'offline-retrying>outage-fallback': { text: 'online again, and a `Retry-After` still holds', id: 'T20' },
  'outage-fallback>offline-retrying': { text: 'the network went away as well', id: 'T19' },
  'outage-fallback>stale': { text: 'nobody looked when the next try was due', id: 'R9.21' },
};
