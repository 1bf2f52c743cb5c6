/** What a reader gets. */
import type { Mutant } from '../mutant';

const token = 'machines/token';
const host = 'adapters/host';

export const reading: readonly Mutant[] = [
  {
    id: 'M01',
    title: 'an expired token is served while a mint may still succeed',
    file: 'machines/held-token.ts',
    from: 'remainingMs(token, at) > cutoffMs(token, at.policy);',
    to: 'remainingMs(token, at) > -3_600_000;',
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/reading.test.ts',
        title: '7 T30 T6 R4.6 at 55 s a read waits for a mint, and gets what that brings',
      },
    ],
  },
  {
    id: 'M02',
    title: 'an expired token is served where the mint has failed',
    file: 'machines/held-token.ts',
    from: 'export const isUnexpired = (token: Lifetime, at: Moment): boolean => remainingMs(token, at) > 0;',
    to: 'export const isUnexpired = (token: Lifetime, at: Moment): boolean => remainingMs(token, at) > -3_600_000;',
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/reading.test.ts',
        title: 'R4.9 S4 expired in the very instant in which the mint fails: it is not given',
      },
    ],
  },
  {
    id: 'M03',
    title: 'the wall clock alone decides: what an event learned of the server is ignored by readers',
    file: `${host}/keys.ts`,
    from: 'slot.unexpiredUntil = isAlive ? held.expiresAt - offsetMs : 0;',
    to: 'slot.unexpiredUntil = isAlive ? held.expiresAt : 0;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/mutants/survivors.test.ts',
        title:
          'R9.1 R4.1 R4.2 R7.13 the token serves synchronously and is in the cookie, until it expires for the server',
      },
    ],
  },
  {
    id: 'M04',
    title: 'a read in `stale` is served and starts nothing',
    file: `${host}/reads.ts`,
    from: "if (now.matches('stale')) actor.send({ type: 'token.read', forced: false, waiting: false });",
    to: "if (now.matches('stale')) slot.used = true;",
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/reading.test.ts',
        title: '3 4 R4.4 R4.3 T6 three reads at once are answered at once, and start one mint',
      },
    ],
  },
  {
    id: 'M05',
    title: 'a loop per caller: every waiting read starts its own mint',
    file: `${token}/states/refreshing.ts`,
    from: `      {
        actions: { type: 'noteRead', params: ({ event }) => event },
        description: 'A read joins the mint.',`,
    to: `      {
        target: '.minting',
        actions: { type: 'noteRead', params: ({ event }) => event },
        description: 'A read joins the mint.',`,
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/reading.test.ts',
        title: '26 30 R4.5 five reads of nothing: one request, one value',
      },
    ],
  },
  {
    id: 'M06',
    title: 'deadlines of readers are ignored',
    file: `${host}/patience.ts`,
    from: 'if (timeoutMs !== undefined) {',
    to: 'if (timeoutMs === -1) {',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/reading-deadlines.test.ts',
        title: 'A29 23 R4.14 after timeoutMs it leaves with ReadTimeoutError; the mint goes on for the others',
      },
    ],
  },
  {
    id: 'M07',
    title: 'an abort signal is ignored',
    file: `${host}/patience.ts`,
    from: "signal?.addEventListener('abort', abort, { once: true });",
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/reading-deadlines.test.ts',
        title: 'R4.13 when the signal fires it leaves with the reason; the mint goes on for the others',
      },
    ],
  },
  {
    id: 'M08',
    title: 'signed-out readers hang instead of getting null',
    file: `${host}/run.ts`,
    from: 'for (const { readers } of slots.values()) readers.dismiss();',
    to: '',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/signing-out.test.ts',
        title: 'T27 L1 whoever waits gets null: plain, forced, of a template, and in the offline and outage states',
      },
    ],
  },
  {
    id: 'M09',
    title: 'the last resort is gone: an expiring token is not given when the mint fails',
    file: `${host}/keys.ts`,
    from: 'if (slot.token !== null && isUnexpiredNow()) slot.readers.serve(slot.token);\n    else slot.readers.rejectPlain(error);',
    to: 'slot.readers.rejectPlain(error);',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/failures-refused.test.ts',
        title: 'T12 R4.6 the expiring token is given after all, once the mint is refused',
      },
    ],
  },
];
