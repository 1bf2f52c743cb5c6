/** Time. */
import type { Mutant } from '../mutant';

const token = 'machines/token';
const host = 'adapters/host';

export const time: readonly Mutant[] = [
  {
    id: 'M45',
    title: 'no 2³¹ clamp: the timer of a 30-day token fires at once',
    file: 'machines/time.ts',
    from: 'return Math.min(maxTimerMs, Math.max(0, Math.ceil(ms)));',
    to: 'return Math.max(0, Math.ceil(ms));',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/machines/schedule.test.ts',
        title: 'R9.16 timers are whole, not negative, and 2³¹−1 ms at most',
      },
    ],
  },
  {
    id: 'M46',
    title: 'elapsed time is wall time only',
    file: 'machines/time.ts',
    from: 'return Math.max(0, now.wallMs - since.wallMs, now.monotonicMs - since.monotonicMs);',
    to: 'return Math.max(0, now.wallMs - since.wallMs);',
    caughtBy: [
      { by: 'simulate' },
      { by: 'test', file: 'test/machines/schedule.test.ts', title: 'R5.26 a pause runs on the larger of both clocks' },
    ],
  },
  {
    id: 'M47',
    title: 'elapsed time is monotonic only, and sleep is not seen',
    file: 'machines/time.ts',
    from: 'return Math.max(0, now.wallMs - since.wallMs, now.monotonicMs - since.monotonicMs);',
    to: 'return Math.max(0, now.monotonicMs - since.monotonicMs);',
    caughtBy: [
      { by: 'test', file: 'test/machines/schedule.test.ts', title: 'R5.26 a pause runs on the larger of both clocks' },
    ],
  },
  {
    id: 'M48',
    title: 'a clock that is behind is never noticed',
    file: 'machines/server-time.ts',
    from: 'if (ageMs < 0) {',
    to: 'if (ageMs < Number.NEGATIVE_INFINITY) {',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/clock-laws.test.ts',
        title: 'R9.7 a single `iat` in the future moves the estimate but is not trusted; two in step undo it',
      },
    ],
  },
  {
    id: 'M49',
    title: 'a clock that is ahead is never noticed',
    file: 'machines/server-time.ts',
    from: 'if (!inStep(clock.lastSample, sample))\n',
    to: 'if (!inStep(clock.lastSample, sample) || clock.offsetMs < Number.MAX_VALUE)\n',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/clock-laws.test.ts',
        title: 'R9.5 two equally old answers show a clock that is ahead',
      },
    ],
  },
  {
    id: 'M50',
    title: 'the lead ignores the lifetime: a token of 18 s is minted again and again',
    file: 'machines/held-token.ts',
    from: 'Math.min(policy.leewayMs + policy.leadMarginMs, lifetimeMs(token) / 2, token.leadCapMs ?? Number.POSITIVE_INFINITY);',
    to: 'policy.leewayMs + policy.leadMarginMs;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/schedule.test.ts',
        title: 'T6 leeway and margin of the policy move the stale point, and half the lifetime bounds them',
      },
    ],
  },
  {
    id: 'M51',
    title: 'a wake is not looked at: after sleep the old state stands until a timer fires',
    file: `${host}/run.ts`,
    from: 'tick(wakes.has(change));',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/sleep.test.ts',
        title:
          'R9.20 R5.21 pages that are seen again at one instant do not all mint at that instant, but within a second',
      },
    ],
  },
  {
    id: 'M52',
    title: 'a tab that was hidden for hours goes on minting',
    file: `${token}/laws.ts`,
    from: '!isHiddenForLong(context) &&',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/presence.test.ts',
        title: 'T26 `visible` past the stale point starts the refresh that a long-hidden page had left out',
      },
    ],
  },
  {
    id: 'M53',
    title: 'a late timer in a context that nobody looks at mints',
    file: `${token}/laws.ts`,
    from: '!isHiddenForLong(context) &&\n  !isLateAndUnattended(context);',
    to: '!isHiddenForLong(context);',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/sleep.test.ts',
        title: 'R9.21 the next read mints once, and the refreshes go on from there',
      },
    ],
  },
  {
    id: 'M54',
    title: 'a template that nobody reads any more is refreshed for ever',
    file: `${token}/laws.ts`,
    from: '(context.active || context.readSinceMint) &&',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/facade.test.ts',
        title: 'T6 a template that nobody reads again is not refreshed ahead of time; one that is read is',
      },
    ],
  },
];
