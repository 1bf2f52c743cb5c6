/** Tabs. */
import type { Mutant } from '../mutant';

const token = 'machines/token';
const host = 'adapters/host';

export const tabs: readonly Mutant[] = [
  {
    id: 'M68',
    title: 'the timers are not armed after a peer’s token',
    file: `${token}/machine.ts`,
    from: "guard: { type: 'isFresherPeerToken', params: peerToken },\n      target: '.fresh',",
    to: "guard: { type: 'isFresherPeerToken', params: peerToken },",
    caughtBy: [
      { by: 'explore', scene: 'peers' },
      {
        by: 'test',
        file: 'test/tabs/adoption.test.ts',
        title: 'T23 A29 settles every plain reader at once, and aborts the own request',
      },
    ],
  },
  {
    id: 'M69',
    title: 'what a peer sent is broadcast again',
    file: `${host}/effects.ts`,
    from: "if (token.from === 'mint' || token.from === 'given') {",
    to: "if (token.from !== 'cache') {",
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/adoption.test.ts',
        title: 'T23 A29 settles every plain reader at once, and aborts the own request',
      },
    ],
  },
  {
    id: 'M70',
    title: 'a stale token of a peer is taken',
    file: `${token}/laws.ts`,
    from: 'return beats(token, held, rejected, at) && (!isServable(context) || held === null || freshnessOrder(token, held) > 0);',
    to: 'return true;',
    caughtBy: [
      { by: 'explore', scene: 'peers' },
      { by: 'test', file: 'test/tabs/not-adopted.test.ts', title: 'R7.7 an older token: not adopted' },
    ],
  },
  {
    id: 'M71',
    title: 'a token from the future pins the tab',
    file: `${host}/adoption.ts`,
    from: '!isFromTheFuture(Math.max(token.issuedAt, token.originIssuedAt ?? 0), serverNowMs) &&',
    to: '',
    caughtBy: [
      { by: 'simulate' },
      { by: 'test', file: 'test/tabs/not-adopted.test.ts', title: 'R7.18 an `iat` that is 6 s ahead: not adopted' },
    ],
  },
  {
    id: 'M72',
    title: 'a token that lives for years pins the tab',
    file: `${host}/adoption.ts`,
    from: '(longestMs === null || lasts <= 2 * longestMs)',
    to: 'true',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/not-adopted.test.ts',
        title: 'R7.19 a life of more than twice the longest minted here: not adopted',
      },
    ],
  },
  {
    id: 'M73',
    title: 'a token of somebody else is adopted',
    file: `${host}/peer-token.ts`,
    from: '(slot.token === null || isSameIdentity(slot.token, message.token)) &&',
    to: '',
    caughtBy: [{ by: 'test', file: 'test/tabs/not-adopted.test.ts', title: 'R7.17 another issuer: not adopted' }],
  },
  {
    id: 'M74',
    title: 'the lock is given back before the mint has ended',
    file: `${host}/run.ts`,
    from: 'if (!isAtTurn(snapshot)) turns.release(slot.id);',
    to: 'turns.release(slot.id);',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/turns.test.ts',
        title: 'D09 R10.4 it is held over the mint and what is written after it, and not while a token is held',
      },
    ],
  },
  {
    id: 'M75',
    title: 'the lock is never given back',
    file: `${host}/run.ts`,
    from: 'if (!isAtTurn(snapshot)) turns.release(slot.id);',
    to: '',
    caughtBy: [
      { by: 'test', file: 'test/tabs/turns.test.ts', title: 'D08 the lock is free as soon as a mint has failed' },
    ],
  },
  {
    id: 'M76',
    title: 'inside the lock nobody looks whether the work is done',
    file: `${host}/turns.ts`,
    from: "const token = forced ? null : await elsewhere.find(slot, found.ok ? entry : 'unknown', signal);",
    to: 'const token = null;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/turns.test.ts',
        title: 'R10.5 90 while another holds a token: it asks, and has it without a request',
      },
    ],
  },
  {
    id: 'M77',
    title: 'each tab backs off on its own',
    file: `${host}/turns.ts`,
    from: 'if (!entry?.failed || (entry.failed.by === me && context.failedTries > 0)) return null;',
    to: 'if (!entry?.failed || context.failedTries > -1) return null;',
    caughtBy: [{ by: 'test', file: 'test/tabs/failures.test.ts', title: 'R5.28 33 503: one schedule in all' }],
  },
  {
    id: 'M78',
    title: 'a tab without focus does not wait for the focused one',
    file: `${token}/updates.ts`,
    from: "if (!sharing.peers || seen.presence === 'focused' || seen.presence === 'headless' || !held) return {};",
    to: 'if (seen.now.wallMs > 0) return {};\n  if (!held) return {};',
    caughtBy: [{ by: 'test', file: 'test/tabs/leadership.test.ts', title: 'R10.8 the duty goes where the focus goes' }],
  },
  {
    id: 'M79',
    title: 'the channel stays open in the back/forward cache',
    file: `${host}/run.ts`,
    from: "if (change === 'pagehide') peers.suspend();",
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/sharing.test.ts',
        title: 'R10.11 the channel is suspended on pagehide and resumed on pageshow, and at no other time',
      },
    ],
  },
  {
    id: 'M80',
    title: 'a single-use credential is sent again after a lost answer',
    file: `${token}/laws.ts`,
    from: 'runningMs(context) < context.credential.reuseGraceMs;',
    to: 'runningMs(context) < 60_000;',
    caughtBy: [
      { by: 'test', file: 'test/lifecycle/failures-rotating.test.ts', title: 'R5.15 not once the grace is over' },
    ],
  },
  {
    id: 'M81',
    title: 'a single-use credential is sent again while the held token still serves',
    file: `${host}/turns.ts`,
    from: "hasUnexpiredToken(context) && !context.rejected.includes(context.held?.fingerprint ?? '');",
    to: 'context.mints < 0;',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/tabs/rotating.test.ts',
        title:
          'R5.16 H02 closed in the middle, without grace: nobody sends the credential again before the held token is over',
      },
    ],
  },
  {
    id: 'M82',
    title: 'a mint whose lease was lost is committed all the same',
    file: `${host}/mint.ts`,
    from: '// Another tab may have gone on with the lock: what came late is not committed (R10.6).\n      if (held?.signal.aborted) throw new LeaseLost();',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/turns.test.ts',
        title: 'R10.6 stolen in the middle of a mint: what came late is not held, written or told',
      },
    ],
  },
  {
    id: 'M83',
    title: 'a cache that is behind has a spent credential sent again',
    file: `${host}/credential.ts`,
    from: 'if (!isBehind) return held;',
    to: 'return held;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/rotating.test.ts',
        title: 'R10.2 C05 for good: what is known to be spent is not sent, and the tab backs off',
      },
    ],
  },
  {
    id: 'M84',
    title: 'without an ordered store a single-use credential is spent side by side',
    file: `${host}/locks.ts`,
    from: "const keeps = credential.kind === 'rotating' && store.consistency === 'hint' && settings.sharesCache;",
    to: 'const keeps = false as boolean;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/rotating.test.ts',
        title:
          'R10.3 it goes: another takes over, a second after it got the lock, so that what was written has arrived',
      },
    ],
  },
];
