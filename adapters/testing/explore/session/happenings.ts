/** What may happen to a session. */
import type { Confirmation, Restored, SessionEvent } from '../../../../machines/events';
import { keyOf } from '../../../../machines/key';
import { localClock } from '../../../../machines/server-time';
import type { Job } from '../stepper';
import { ada, adaAtWork, bob, freshToken, pause, seenAt } from './people';
import type { SessionChoice, SessionState } from './state';

const sends = (says: string, event: SessionEvent): SessionChoice => ({
  id: says,
  says,
  does: ({ send }) => send(event),
});

/** Of a sign-out after any sign-in. */
const latest = 1_000_000;

const events: readonly SessionChoice[] = [
  sends('the page is looked at', { type: 'clock.tick', seen: seenAt('focused') }),
  sends('there is no page', { type: 'clock.tick', seen: seenAt('headless') }),
  sends('Ada signs in', { type: 'session.given', session: ada, token: null }),
  sends('Ada signs in with a token', { type: 'session.given', session: ada, token: freshToken }),
  sends('Bob signs in', { type: 'session.given', session: bob, token: null }),
  sends('switched to Ada at work', { type: 'session.switched', session: adaAtWork, token: null }),
  sends('switched to Ada', { type: 'session.switched', session: ada, token: null }),
  sends('switched to Bob', { type: 'session.switched', session: bob, token: freshToken }),
  sends('the user signs out', { type: 'session.ended', reason: 'user' }),
  sends('a token machine has proof that the session is gone', { type: 'session.ended', reason: 'session_gone' }),
  sends('another tab has signed out', { type: 'peer.signed-out', epoch: null }),
  sends('Ada’s template is read', { type: 'key.opened', key: keyOf(ada, { template: 'api' }) }),
  sends('Bob’s template is read', { type: 'key.opened', key: keyOf(bob, { template: 'api' }) }),
  sends('a mint is answered 401', { type: 'session.doubted' }),
  sends('a key learns the time', { type: 'clock.learned', clock: { ...localClock, evidence: 'date' }, by: 'nobody' }),
  sends('a key finds an outage', { type: 'outage.noticed', marked: true, by: 'nobody' }),
  sends('a key finds the outage over', { type: 'outage.noticed', marked: false, by: 'nobody' }),
  sends('a key is told to wait', { type: 'floor.raised', pause, by: 'nobody' }),
  sends('the record has nothing new', { type: 'record.read', remembered: { epoch: 0 } }),
  sends('the record tells that another tab has signed out', {
    type: 'record.read',
    remembered: { epoch: 0, signedOut: latest },
  }),
];

const restored = (session: Restored['session'], complete: boolean, token: Restored['token'] = null): Restored => ({
  session,
  token,
  complete,
  remembered: null,
});
const found: readonly (readonly [string, Restored])[] = [
  ['a session is found', restored(ada, true)],
  ['a session and its token are found', restored(ada, true, freshToken)],
  ['every store says that nobody is signed in', restored(null, true)],
  ['a store cannot be read', restored(null, false)],
];
const verdicts: readonly Confirmation[] = ['active', 'gone', 'unknown', 'nobody'];

function answers(job: Job): readonly SessionChoice[] {
  const ends = (says: string, output: unknown): SessionChoice => ({
    id: says,
    says,
    does: ({ settle }) => settle(job, { output }),
  });
  const breaks = (says: string): SessionChoice => ({
    id: says,
    says,
    does: ({ settle }) => settle(job, { error: new Error('broken') }),
  });
  if (job.src === 'restore') return [...found.map(([says, output]) => ends(says, output)), breaks('reading breaks')];
  if (job.src !== 'checkSession') return [];
  return [...verdicts.map((one) => ends(`the source answers: ${one}`, one)), breaks('the question fails')];
}

/** Everything that may happen next; any armed timer may be the next one. */
export function happenings({ timers, jobs }: SessionState): readonly SessionChoice[] {
  return [
    ...events,
    ...timers.map(
      (timer): SessionChoice => ({
        id: timer.id,
        says: `time passes: ${timer.id.split('.')[2] ?? timer.id}`,
        does: ({ fire }) => fire(timer),
      }),
    ),
    ...jobs.flatMap(answers),
  ];
}
