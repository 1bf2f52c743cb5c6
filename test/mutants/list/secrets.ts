/** What is believed, and what leaves. */
import type { Mutant } from '../mutant';

const host = 'adapters/host';

export const secrets: readonly Mutant[] = [
  {
    id: 'M89',
    title: 'the held token is given up when a mint starts, not when it succeeds',
    file: 'machines/token/updates.ts',
    from: '    presenting,\n    spread: null,',
    to: '    presenting,\n    held: null,\n    spread: null,',
    caughtBy: [
      { by: 'explore', scene: 'tab' },
      {
        by: 'test',
        file: 'test/lifecycle/failures-backoff.test.ts',
        title: '21 6 R5.23 R5.24 T10 a background failure is tried again before the cutoff, and no reader hears of it',
      },
    ],
  },
  {
    id: 'M90',
    title: 'a sign-out leaves the keys running: their timers go on, and what they mint is written',
    file: 'machines/session/setup.ts',
    from: "        enqueue.sendTo(id, { type: 'session.ended' });\n        enqueue.stopChild(id);\n",
    to: '',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/signing-out.test.ts',
        title: 'T27 R8.1 R8.6 R8.8 local first: signed out in the same step, timers gone, the mint aborted',
      },
    ],
  },
  {
    id: 'M91',
    title: 'a token from before the sign-out signs in again at the next start',
    file: `${host}/restore.ts`,
    from: '.filter((one) => session !== null || isAfterTombstone(one, known))',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/signing-out-tabs.test.ts',
        title: 'I04 R8.11 a token that sign-out could not remove does not sign in again',
      },
    ],
  },
  {
    id: 'M92',
    title: 'stored tokens of two sessions: the freshest wins',
    file: `${host}/restore.ts`,
    from: 'if (named.some(({ sessionId }) => sessionId !== first.sessionId)) {',
    to: 'if (named.length === -1) {',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/restore.test.ts',
        title: 'R10.20 stored tokens of two sessions: nobody guesses, the ambiguity is told',
      },
    ],
  },
  {
    id: 'M93',
    title: 'a single-use credential is sent without a mark',
    file: `${host}/credential.ts`,
    from: 'return withMark(now, { owner, startedAt: firstAt, deadline, credential, sessionHash });',
    to: 'return now;',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/failures-rotating.test.ts',
        title: 'R5.14 is committed to the store before the credential is sent, and taken away by the answer',
      },
    ],
  },
  {
    id: 'M94',
    title: 'the successor of a single-use credential is not kept',
    file: `${host}/credential.ts`,
    from: 'await cache.set(name, next, lasting);',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/rotating.test.ts',
        title: 'S6 C01 C09 H09 60 expiries: as many requests, each with its own credential, none reused',
      },
    ],
  },
  {
    id: 'M95',
    title: 'an error carries what the source threw, secrets and all',
    file: 'machines/failure.ts',
    from: 'const cause = redactCause(isOurs || status !== undefined ? fields.cause : thrown);',
    to: 'const cause = (isOurs || status !== undefined ? fields.cause : thrown) as RedactedCause;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/machines/failure.test.ts',
        title: 'S11 R5.2 the cause is reduced to name, code and status',
      },
    ],
  },
  {
    id: 'M96',
    title: 'a 403 is asked about like a 401',
    file: 'machines/failure.ts',
    from: "if (status === 401) return 'unauthenticated';",
    to: "if (status === 401 || status === 403) return 'unauthenticated';",
    caughtBy: [{ by: 'test', file: 'test/machines/failure.test.ts', title: 'R5.12 status 403 is rejected' }],
  },
  {
    id: 'M97',
    title: 'an expired token is handed to a peer that asks',
    file: `${host}/peers.ts`,
    from: 'if (slot && slot.token !== null && observer.now().wallMs < slot.unexpiredUntil) tellToken(slot, message.from);',
    to: 'if (slot && slot.token !== null) tellToken(slot, message.from);',
    caughtBy: [
      { by: 'test', file: 'test/tabs/turns.test.ts', title: 'R10.5 an expired one is not handed out, whoever asks' },
    ],
  },
  {
    id: 'M98',
    title: 'a token that a peer told before the sign-in is taken',
    file: `${host}/peers.ts`,
    from: 'if (message.epoch !== null && message.epoch < signInEpoch) return;',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/signing-out.test.ts',
        title: 'S7 R8.14 a token of before the sign-out, told late, is not adopted by who has signed in again',
      },
    ],
  },
  {
    id: 'M99',
    title: 'a peer’s sign-out from before the sign-in signs out',
    file: 'machines/session/setup.ts',
    from: '(epoch === null || epoch >= context.signInEpoch) && !isBeforeSignIn(context, at),',
    to: 'true || epoch === context.signInEpoch || isBeforeSignIn(context, at),',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/tabs/signing-out.test.ts',
        title: 'T27 a forged or late one of an earlier sign-in does not sign out who has signed in since',
      },
    ],
  },
  {
    id: 'M100',
    title: 'what others wrote of a refused token is not heard',
    file: `${host}/peers.ts`,
    from: 'if (isOurs) by.rejected(message.fingerprint);',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/sharing.test.ts',
        title: 'R10.10 R7.10 is refused in every tab: none serves it, and one mint replaces it for all',
      },
    ],
  },
  {
    id: 'M102',
    title: 'the successor of a credential is kept although the mark is another tab’s by now',
    file: `${host}/credential.ts`,
    from: "if (now?.ok && now.value && isTaken(now.value)) throw new CredentialElsewhere('The mark is of another tab.');",
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/rotating.test.ts',
        title: 'R10.6 S6 H07 what comes late to who lost it does not bury what others got since',
      },
    ],
  },
  {
    id: 'M112',
    title: 'the grace for a single-use credential begins anew with each time that it is sent',
    file: `${host}/credential.ts`,
    from: 'firstAt = !isAgain ? wallMs : before && before.startedAt <= wallMs ? before.startedAt : 0;',
    to: 'firstAt = wallMs;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/rotating.test.ts',
        title: 'R5.15 S6 the grace runs from the first time that a credential was sent, whichever keys send it again',
      },
    ],
  },
  {
    id: 'M113',
    title: 'who steals the lock spends a credential while the request of the other one is open',
    file: `${host}/turns.ts`,
    from: 'if (answerLost && runsMs > 0 && !isOfTab(mark, me)) return runsMs;',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/rotating.test.ts',
        title:
          'S6 stolen in the middle, without grace: the thief waits for the request that may be open, not only for the token’s end',
      },
    ],
  },
  {
    id: 'M114',
    title: 'the shared cache gets a token that is less fresh than what it has',
    file: `${host}/effects.ts`,
    from: '(isGone() || isBeaten(cached) ? undefined : set())',
    to: '(isGone() ? undefined : set())',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/stored.test.ts',
        title: 'S8 a mint that is less fresh, as an edge gives it in an outage, writes nothing over a fresher one',
      },
    ],
  },
  {
    id: 'M116',
    title: 'a token is told to others though the cookie’s companion has just told of a sign-out',
    file: `${host}/effects.ts`,
    from: "if (deps.session().hasTag('signed-out')) return;",
    to: '',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/tabs/signing-out.test.ts',
        title: 'S7 R8.16 found with a token in hand: no other tab is told of that, nor is any listener',
      },
    ],
  },
  {
    id: 'M117',
    title: 'a wall clock that is set forward ends another tab’s request before its time',
    file: `${host}/open-marks.ts`,
    from: 'const first = seen.get(name) ?? { at: now, openMs };',
    to: 'const first = { at: now, openMs };',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/tabs/clock-set-back.test.ts',
        title:
          'S6 R5.16 L2 beside one in flight, without a lock, when the clock is set forward: the request is as open as before',
      },
    ],
  },
];
