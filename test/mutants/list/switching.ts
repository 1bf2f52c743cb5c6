/** Switching. */
import type { Mutant } from '../mutant';

const host = 'adapters/host';

export const switching: readonly Mutant[] = [
  {
    id: 'M85',
    title: 'after a switch the old organization still writes the cookie',
    file: 'machines/session/setup.ts',
    from: 'enqueue.assign({ session, keys: { ...context.keys, [id]: key } });',
    to: 'enqueue.assign({ keys: { ...context.keys, [id]: key } });',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/session-switch.test.ts',
        title: 'T29 another organization: its own mint, and only its token reaches the cookie from then on',
      },
    ],
  },
  {
    id: 'M86',
    title: 'a sign-in does not raise the epoch',
    file: 'machines/session/setup.ts',
    from: '  given: token ?? undefined,\n  epoch: context.epoch + 1,',
    to: '  given: token ?? undefined,\n  epoch: context.epoch,',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/session-switch.test.ts',
        title: 'T28 without a token: a new epoch, one mint, then fresh',
      },
    ],
  },
  {
    id: 'M87',
    title: 'start-up without a token is signed out although a store could not be read',
    file: 'machines/session/setup.ts',
    from: 'isComplete: (_, { complete }: { complete: boolean }) => complete,',
    to: 'isComplete: () => true,',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/storage.test.ts',
        title: 'T4 B14 B15 the cache is missing: restoring, not signed out; readers are told after the budget',
      },
    ],
  },
  {
    id: 'M88',
    title: 'stop leaves its listeners behind',
    file: `${host}/run.ts`,
    from: "for (const leave of subscriptions.splice(0)) report.attempt('host', 'unsubscribe', leave, undefined);",
    to: '',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/facade-stop.test.ts',
        title: 'L4 while a store hangs at start: no timer, no listener, no request is left',
      },
    ],
  },
];
