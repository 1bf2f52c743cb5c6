/** What is around a token machine: clocks, network, somebody who looks, and who waits for a token. */
import type { Seen } from '../../../../machines/events';
import type { TokenFacts } from '../../../../machines/held-token';
import type { Instant } from '../../../../machines/time';
import type { tokenMachine } from '../../../../machines/token/machine';
import type { Explored, ExploredEffect, Hands } from '../machine-system';
import type { MachineEffect } from '../stepper';
import type { Invariant, Move } from '../system';
import type { Scale } from './scale';

export type TokenMachine = typeof tokenMachine;

/** Who waits for a token, as the host knows it. */
export type Waiting = {
  readonly plain: boolean;
  /** Waits for a mint with a number above this one. */
  readonly forced: number | null;
};

export type TokenWorld = {
  /** Of the tab; empty where there is one. */
  readonly name: string;
  readonly scale: Scale;
  /** How far the wall clock is ahead of the monotonic one: the computer slept that long. */
  readonly sleptMs: number;
  /** How far the server's clock is ahead of the wall clock here. */
  readonly serverAheadMs: number;
  readonly online: boolean;
  readonly presence: Seen['presence'];
  readonly hiddenSince: Instant | null;
  readonly waiting: Waiting;
  /** Until then the source wants to be left alone, on the elapsed scale; 0 if it does not. */
  readonly silentUntil: number;
  /** When requests went out that failed, since the last success, on the elapsed scale. */
  readonly failedStarts: readonly number[];
  readonly lastStart: number;
  /** Numbers tokens, so that no two have one fingerprint. */
  readonly tokens: number;
};

export type TokenState = Explored<TokenMachine, TokenWorld>;
export type TokenHands = Hands<TokenMachine, TokenWorld>;
export type TokenEffect = ExploredEffect<TokenMachine>;
export type TokenMachineEffect = MachineEffect<TokenMachine>;
export type TokenChoice = Move & { does(hands: TokenHands): void };
export type TokenLaw = Invariant<TokenState, TokenChoice, TokenEffect>;

/** Where and when something is. */
type Place = Pick<TokenState, 'at' | 'world'>;

/** A whole second, as `iat` and `Date` have it. */
const epochMs = Date.UTC(2026, 0, 1);

export const nowOf = ({ at, world }: Place): Instant => ({
  wallMs: epochMs + at + world.sleptMs,
  monotonicMs: at,
});

/** What the server's clock says, whatever anybody believes. */
export const serverNowOf = (place: Place): number => nowOf(place).wallMs + place.world.serverAheadMs;

/** The scale on which floors and pauses run: the computer's sleep counts. */
export const elapsedOf = ({ at, world }: Place): number => at + world.sleptMs;

export const seenOf = (place: Place, woke = false): Seen => {
  const { online, presence, hiddenSince } = place.world;
  return { now: nowOf(place), online, presence, hiddenSince, roll: 0, woke };
};

const isSame = (a: Seen, b: Seen): boolean =>
  a.now.wallMs === b.now.wallMs &&
  a.now.monotonicMs === b.now.monotonicMs &&
  a.online === b.online &&
  a.presence === b.presence &&
  a.woke === b.woke;

/** The host looks at clocks, network and presence before it says anything; where nothing has changed, that is skipped. */
export function look({ state, send }: TokenHands, woke = false): void {
  const seen = seenOf(state, woke);
  if (!isSame(state.snapshot.context.seen, seen)) send({ type: 'clock.tick', seen });
}

/** Facts of a token that was issued `ageMs` ago. */
export function factsOf(place: Place, ageMs: number, from: TokenFacts['from']): TokenFacts {
  const { name, tokens, scale } = place.world;
  const issuedAt = serverNowOf(place) - ageMs;
  const generation = tokens + 1;
  const expiresAt = issuedAt + scale.lifetimeMs;
  return { generation, fingerprint: `token ${name}${generation}`, issuedAt, expiresAt, originIssuedAt: null, from };
}

/** The held token is unexpired in server time at this very moment, whatever the machine last saw or believes. */
export const isUnexpiredNow = (state: TokenState): boolean => {
  const { held } = state.snapshot.context;
  return held !== null && held.expiresAt > serverNowOf(state);
};

/** How long the source still wants to be left alone, in ms. */
export const silentMs = (state: TokenState): number => Math.max(0, state.world.silentUntil - elapsedOf(state));

/** The source asks to be left alone from now on for `ms`. */
export const silence = (state: TokenState, ms: number): Partial<TokenWorld> => ({
  silentUntil: Math.max(state.world.silentUntil, elapsedOf(state) + ms),
});
