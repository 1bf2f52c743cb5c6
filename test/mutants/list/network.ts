/** No network, and a source that wants to be left alone. */
import type { Mutant } from '../mutant';

const token = 'machines/token';

export const network: readonly Mutant[] = [
  {
    id: 'M103',
    title: 'the network that comes back cuts a `Retry-After` short',
    file: `${token}/states/offline-retrying.ts`,
    from: "guard: 'isOnlineWithin',",
    to: 'guard: () => false,',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-retry-after.test.ts',
        title: 'T20 R5.22 the network coming back does not shorten it',
      },
    ],
  },
  {
    id: 'M104',
    title: 'a forced read cuts a `Retry-After` short',
    file: `${token}/laws.ts`,
    from: "isPausing(context) && (context.pause?.kind === 'retry-after' || context.pause?.kind === 'decay');",
    to: "isPausing(context) && context.pause?.kind === 'decay';",
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/failures-retry-after.test.ts',
        title: 'T25 R5.8 a forced read inside it gets the last error at once',
      },
    ],
  },
  {
    id: 'M105',
    title: 'the token is dropped when the network goes',
    file: `${token}/updates.ts`,
    from: "  status: 'offline',\n",
    to: "  status: 'offline',\n  held: null,\n",
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      {
        by: 'test',
        file: 'test/lifecycle/offline.test.ts',
        title: '49 T9 offline at 50 s: the held token, no request',
      },
    ],
  },
  {
    id: 'M106',
    title: 'no pause is waited for: whatever stirs in an outage sends a request',
    file: `${token}/states/outage-fallback.ts`,
    from: "guard: 'isPauseOver',",
    to: 'guard: () => true,',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-backoff.test.ts',
        title: '33 R5.19 T10 T17 tries start at exact instants, and the ninth failure reaches the reader',
      },
    ],
  },
  {
    id: 'M107',
    title: 'status does not say that there is no network',
    file: `${token}/updates.ts`,
    from: "  status: 'offline',\n",
    to: "  status: 'ok',\n",
    caughtBy: [
      { by: 'explore', scene: 'siblings' },
      {
        by: 'test',
        file: 'test/lifecycle/offline.test.ts',
        title:
          '48 R5.20 T21 T22 R5.2 A02 the reader waits for three looks and gets OfflineError at 14.857 s, without one request',
      },
    ],
  },
  {
    id: 'M108',
    title: 'signed out, the token is still there',
    file: `${token}/updates.ts`,
    from: 'export const end = (): Change => ({ ...begin(null), rejected: [] });',
    to: 'export const end = (): Change => ({ rejected: [] });',
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      {
        by: 'test',
        file: 'test/lifecycle/signing-out.test.ts',
        title: 'R8.13 session.signedOut comes after the rest, with a reason, once',
      },
    ],
  },
  {
    id: 'M109',
    title: 'an answer that is no better takes the token away',
    file: `${token}/updates.ts`,
    from: "const held = judgement.is === 'aged' ? judgement.token : context.held;",
    to: "const held = judgement.is === 'aged' ? judgement.token : null;",
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      {
        by: 'test',
        file: 'test/lifecycle/failures-invalid.test.ts',
        title: 'T8 F10 an edge that repeats one token: it serves, and is asked for another by backoff, not in a loop',
      },
    ],
  },
  {
    id: 'M110',
    title: 'what another key was told shortens this one’s wait',
    file: `${token}/updates.ts`,
    from: 'pauseLeftMs(floor, seen.now) > pauseLeftMs(pause, seen.now)',
    to: 'pauseLeftMs(floor, seen.now) > 0',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-retry-after.test.ts',
        title: 'R5.8 S10 by a 429 with 1 s: neither asks before the wait is over',
      },
    ],
  },
  {
    id: 'M111',
    title: 'the last token is handed in again and again, without a pause',
    file: `${token}/laws.ts`,
    from: 'export const canPresent = ({ held, presenting }: TokenContext): boolean => held !== null && !presenting;',
    to: 'export const canPresent = ({ held }: TokenContext): boolean => held !== null;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/outage.test.ts',
        title: '67 R6.3 R5.9 with `always` a 422 for want of it is no reason to repeat',
      },
    ],
  },
];
