/** Outage. */
import type { Mutant } from '../mutant';

const token = 'machines/token';

export const outage: readonly Mutant[] = [
  {
    id: 'M31',
    title: 'the expired token is never presented',
    file: `${token}/laws.ts`,
    from: 'export const canPresent = ({ held, presenting }: TokenContext): boolean => held !== null && !presenting;',
    to: 'export const canPresent = (_: TokenContext): boolean => false;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/outage.test.ts',
        title: '63 T11 T16 R6.1 A15 two requests back to back, the second with the last token and otherwise the same',
      },
    ],
  },
  {
    id: 'M32',
    title: 'the outage mark is never used: every refresh wastes a request',
    file: `${token}/laws.ts`,
    from: 'return outage.marked && (outage.refreshes + 1) % policy.outageProbeEvery !== 0;',
    to: 'return false;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/outage.test.ts',
        title: 'T16 R6.2 refreshes hand in the token from the first request; every fourth goes the normal way',
      },
    ],
  },
  {
    id: 'M33',
    title: 'the outage mark is never ended: nobody probes',
    file: `${token}/laws.ts`,
    from: 'return outage.marked && (outage.refreshes + 1) % policy.outageProbeEvery !== 0;',
    to: 'return outage.marked;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/outage.test.ts',
        title: 'T16 R6.2 refreshes hand in the token from the first request; every fourth goes the normal way',
      },
    ],
  },
  {
    id: 'M34',
    title: 'the mark of one key is not told to the others',
    file: 'machines/session/setup.ts',
    from: "for (const id of Object.keys(context.keys)) if (id !== by) enqueue.sendTo(id, { type: 'outage.noticed', marked });",
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/mutants/survivors.test.ts',
        title: 'T16 R6.2 R10.7 the outage that one key meets is known to the other: it hands in its token at once',
      },
    ],
  },
  {
    id: 'M35',
    title: 'an expired token is dropped at start-up, so that nothing can be presented',
    file: `${token}/states/restoring.ts`,
    from: "{ type: 'hold', params: ({ event }) => ({ token: event.output }) },\n              { type: 'dueTo', params: { cause: 'restore' } },",
    to: "{ type: 'hold', params: () => ({ token: null }) },\n              { type: 'dueTo', params: { cause: 'restore' } },",
    caughtBy: [
      {
        by: 'test',
        file: 'test/mutants/survivors.test.ts',
        title: 'T3 T11 after a reload in an outage it is handed in, and who reads gets a token',
      },
    ],
  },
];
