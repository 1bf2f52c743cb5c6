/** The laws of lifecycle.md §12, over what could be seen of a world. */
import type { Trace } from '../trace';
import { tabsAgree } from './agreement';
import { boundedTries } from './budget';
import { nothingSentInVain } from './floors';
import { forgedTokensIgnored } from './forged';
import { onlyEverFresher } from './fresher';
import { heldTokenStays } from './held-token';
import { oneMintInFlight } from './in-flight';
import { nothingLeftBehind } from './leftovers';
import { nothingEmpty } from './nothing-empty';
import { everyReadSettles } from './reads-settle';
import { alwaysAWayBack } from './recovery';
import { rotatingSpentOnce } from './rotating';
import { noSecretsOutside } from './secrets';
import { signedOutForAReason } from './sign-out';
import { silentAfterSignOut } from './silence';
import type { CheckOptions, Violation, WorldInvariant } from './types';
import { neverExpired } from './unexpired';

/**
 * S1 to S11 and L1 to L4, in that order; then R7, for worlds in which somebody forges messages. They read requests, cookie, storage, messages, events and the results of reads, and nothing
 * of how a lifecycle works inside: they hold for any implementation of the specification.
 *
 * @example
 * const world = createWorld({ tabs: 3, seed: 1 });
 * // … use it, then:
 * for (const { check } of invariants) assert.equal(check(world.trace), null);
 */
export const invariants: readonly WorldInvariant[] = Object.freeze([
  signedOutForAReason,
  nothingEmpty,
  heldTokenStays,
  neverExpired,
  oneMintInFlight,
  rotatingSpentOnce,
  silentAfterSignOut,
  onlyEverFresher,
  boundedTries,
  nothingSentInVain,
  noSecretsOutside,
  everyReadSettles,
  alwaysAWayBack,
  tabsAgree,
  nothingLeftBehind,
  forgedTokensIgnored,
]);

/**
 * What is broken in a trace: the first violation of each invariant, in the order in which they happened.
 *
 * @param trace of a world; begins with its `world` entry
 * @param options `healthySince` (true ms) has L2 and L3 judged too
 * @throws ConfigurationError for a trace without its beginning
 * @example checkTrace(world.trace).map(({ message }) => message);
 */
export function checkTrace(trace: Trace, options: CheckOptions = {}): readonly Violation[] {
  const found = invariants.flatMap(({ check }) => check(trace, options) ?? []);
  return found.sort((a, b) => (a.entries.at(-1) ?? 0) - (b.entries.at(-1) ?? 0));
}
