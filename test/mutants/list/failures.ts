/** Failures. */
import type { Mutant } from '../mutant';

const token = 'machines/token';
const host = 'adapters/host';

export const failures: readonly Mutant[] = [
  {
    id: 'M10',
    title: '`Retry-After` is ignored',
    file: `${token}/retry.ts`,
    from: 'if (retryAfterMs === undefined) return pause;',
    to: 'if (retryAfterMs !== -1) return pause;',
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      {
        by: 'test',
        file: 'test/lifecycle/reading-deadlines.test.ts',
        title: 'R4.13 when the signal fires it leaves with the reason; the mint goes on for the others',
      },
    ],
  },
  {
    id: 'M11',
    title: '`Retry-After` of one key is not kept for the others',
    file: 'machines/session/setup.ts',
    from: "for (const id of Object.keys(context.keys)) if (id !== by) enqueue.sendTo(id, { type: 'floor.raised', pause });",
    to: '',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/failures-retry-after.test.ts',
        title: 'R5.8 it holds for every key of the session',
      },
    ],
  },
  {
    id: 'M12',
    title: '`Retry-After` is not shared with other tabs',
    file: `${host}/record.ts`,
    from: "void write(floor.raisedIn, 'floor');",
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/failures.test.ts',
        title: 'R5.8 S10 F15 429 with `Retry-After`: no tab sends anything before it is over, whatever anybody calls',
      },
    ],
  },
  {
    id: 'M13',
    title: 'a 500 ends the session like a 401',
    file: 'machines/failure.ts',
    from: "if (status !== undefined && status >= 500) return retryAfterMs === undefined ? 'transient' : 'rate-limited';",
    to: "if (status !== undefined && status >= 500) return 'unauthenticated';",
    caughtBy: [{ by: 'test', file: 'test/machines/failure.test.ts', title: 'R5.3 status 500 is transient' }],
  },
  {
    id: 'M14',
    title: 'a 401 signs out, whatever the source says about the session',
    file: `${token}/setup.ts`,
    from: "verdict === 'gone' ||",
    to: "verdict === 'gone' || verdict === 'active' ||",
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/session-proof.test.ts',
        title: 'T15 active: continues as a refusal, and the held token still serves',
      },
    ],
  },
  {
    id: 'M15',
    title: 'an unanswered question signs out',
    file: `${token}/setup.ts`,
    from: "verdict === 'gone' ||",
    to: "verdict === 'gone' || verdict === 'unknown' ||",
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      {
        by: 'test',
        file: 'test/lifecycle/session-proof.test.ts',
        title: 'T15 S1 the question answers `unknown`: outage, nobody is signed out, and it recovers',
      },
    ],
  },
  {
    id: 'M16',
    title: 'any refusal signs out where nobody can be asked',
    file: `${token}/setup.ts`,
    from: "(verdict === 'nobody' && context.policy.terminalCodes.includes(context.error?.serverCode ?? '')),",
    to: "verdict === 'nobody',",
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/session-proof.test.ts',
        title: 'T15 with nobody to ask, a 401 without a terminal code signs nobody out; tries become rarer',
      },
    ],
  },
  {
    id: 'M17',
    title: 'no backoff: a failed mint is tried again at once',
    file: 'machines/schedule.ts',
    from: 'return Math.floor(Math.min(policy.retryMaxMs, grown));',
    to: 'return Math.floor(Math.min(1, grown));',
    caughtBy: [
      {
        by: 'test',
        file: 'test/machines/schedule.test.ts',
        title: 'R5.19 the distances are 3 s · 1.55ⁿ, and 50 s at most',
      },
    ],
  },
  {
    id: 'M18',
    title: 'the backoff has no ceiling',
    file: 'machines/schedule.ts',
    from: 'return Math.floor(Math.min(policy.retryMaxMs, grown));',
    to: 'return Math.floor(grown);',
    caughtBy: [
      {
        by: 'test',
        file: 'test/machines/schedule.test.ts',
        title: 'R5.19 the distances are 3 s · 1.55ⁿ, and 50 s at most',
      },
    ],
  },
  {
    id: 'M19',
    title: 'the budget is never spent: readers wait for ever in an outage',
    file: `${token}/laws.ts`,
    from: 'failures > policy.retries;',
    to: 'failures > 1_000;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-backoff.test.ts',
        title: '33 R5.19 T10 T17 tries start at exact instants, and the ninth failure reaches the reader',
      },
    ],
  },
  {
    id: 'M20',
    title: 'the offline budget is never spent',
    file: `${token}/updates.ts`,
    from: '({ offlineChecks: context.offlineChecks + 1 });',
    to: '({ offlineChecks: context.offlineChecks });',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/offline.test.ts',
        title:
          '48 R5.20 T21 T22 R5.2 A02 the reader waits for three looks and gets OfflineError at 14.857 s, without one request',
      },
    ],
  },
  {
    id: 'M21',
    title: 'no decay: a refusal is followed by the next try at once',
    file: `${token}/states/mint.ts`,
    from: '  decays: true,\n});',
    to: '  decays: false,\n});',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-refused.test.ts',
        title: 'T12 a read before the next try gets the last error at once, without a request',
      },
    ],
  },
  {
    id: 'M22',
    title: 'S9 is not watched: a failing minute has more than seven attempts',
    file: 'machines/schedule.ts',
    from: 'if (recent.length < failedTriesPerWindow || !oldest) return 0;',
    to: 'if (recent.length < 1_000 || !oldest) return 0;',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/machines/schedule.test.ts',
        title: 'S9 six failed tries wait for nothing, seven for the oldest to be 60 s old',
      },
    ],
  },
  {
    id: 'M23',
    title: 'a request is sent while offline',
    file: `${token}/laws.ts`,
    from: 'export const isOffline = ({ seen }: TokenContext): boolean => !seen.online;',
    to: 'export const isOffline = (_: TokenContext): boolean => false;',
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/offline.test.ts',
        title:
          '48 R5.20 T21 T22 R5.2 A02 the reader waits for three looks and gets OfflineError at 14.857 s, without one request',
      },
    ],
  },
  {
    id: 'M24',
    title: 'back online nothing happens until the next look',
    file: `${host}/run.ts`,
    from: '() => connectivity.subscribe(() => tick()),',
    to: '() => connectivity.subscribe(() => {}),',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/offline.test.ts',
        title: '53 T20 A16 back at 3.1 s: a token within a second',
      },
    ],
  },
  {
    id: 'M25',
    title: 'a hanging request is never given up',
    file: `${token}/laws.ts`,
    from: 'context.seen.answered !== keyId(context.key) && runningMs(context) >= context.policy.requestTimeoutMs;',
    to: 'context.mints < 0;',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/failures-timeout.test.ts',
        title: '22 23 A29 R5.5 T10 after 10 s the mint is aborted, counts as transient, and is tried again',
      },
    ],
  },
  {
    id: 'M26',
    title: 'a time-out that the computer slept through counts as a failure',
    file: `${token}/setup.ts`,
    from: 'isOverdueBySuspension: ({ context }) => laws.isOverdue(context) && laws.wasSuspended(context),',
    to: 'isOverdueBySuspension: () => false,',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-timeout.test.ts',
        title: 'R5.6 a time-out that ran across a suspension is void: no failure, and asked anew for who waits',
      },
    ],
  },
  {
    id: 'M27',
    title: 'a failed background refresh rejects the token that is still good',
    file: `${token}/updates.ts`,
    from: '  clock,\n  askedAgain: false,',
    to: '  clock,\n  held: null,\n  askedAgain: false,',
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/failures-backoff.test.ts',
        title: '21 6 R5.23 R5.24 T10 a background failure is tried again before the cutoff, and no reader hears of it',
      },
    ],
  },
  {
    id: 'M28',
    title: 'status stays ok through an outage',
    file: `${token}/updates.ts`,
    from: "  status: 'degraded',\n  ...(hasUnexpiredToken(context) && { wanted: false }),",
    to: "  status: 'ok',\n  ...(hasUnexpiredToken(context) && { wanted: false }),",
    caughtBy: [
      { by: 'explore', scene: 'siblings' },
      {
        by: 'test',
        file: 'test/lifecycle/failures-backoff.test.ts',
        title: '33 R5.19 T10 T17 tries start at exact instants, and the ninth failure reaches the reader',
      },
    ],
  },
  {
    id: 'M29',
    title: 'status never returns to ok',
    file: `${token}/updates.ts`,
    from: "    status: marked ? 'degraded' : 'ok',\n  };\n}\n\n/** T23",
    to: "    status: 'degraded',\n  };\n}\n\n/** T23",
    caughtBy: [
      { by: 'explore', scene: 'siblings' },
      {
        by: 'test',
        file: 'test/lifecycle/failures-backoff.test.ts',
        title: 'T18 L2 73 F07 the first probe that succeeds ends it: a token, and status ok',
      },
    ],
  },
  {
    id: 'M30',
    title: 'floor 0: forced reads mint as fast as they come',
    file: `${token}/laws.ts`,
    from: 'lastStart ? Math.max(policy.mintFloorMs, askedAgain ? 1_000 : 0) - elapsedMs(lastStart, seen.now) : 0,',
    to: '0,',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/reading-forced.test.ts',
        title: 'T24 S9 the floor of 1 s holds between it and the mint before',
      },
    ],
  },
  {
    id: 'M115',
    title: 'an answer that is here is judged late, since a clock was set forward under its request',
    file: `${token}/laws.ts`,
    from: 'context.seen.answered !== keyId(context.key) && ',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-timeout.test.ts',
        title: 'S10 its Retry-After is kept',
      },
    ],
  },
  {
    id: 'M120',
    title: 'a shorter `Retry-After` cuts a longer one short, for keys that are opened later',
    file: 'machines/session/setup.ts',
    from: 'enqueue.assign({ pause: notBeforeFloor(context, pause) });',
    to: 'enqueue.assign({ pause });',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-retry-after.test.ts',
        title: 'R5.8 S10 a key that is read for the first time keeps to the longest wait, not to the last',
      },
    ],
  },
  {
    id: 'M121',
    title: 'the session is asked about while the source wants to be left alone',
    file: `${host}/run.ts`,
    from: 'if (!observer.isOnline() || isLeftAlone(actor.getSnapshot().context)) return',
    to: 'if (!observer.isOnline()) return',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-retry-after.test.ts',
        title: 'T13 T15 R5.8 S10 a 401 is not asked about before it is over, and then it is',
      },
    ],
  },
];
