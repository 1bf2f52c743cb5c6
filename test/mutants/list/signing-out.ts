/** Signing out, and the cookie. */
import type { Mutant } from '../mutant';

const host = 'adapters/host';

export const signingOut: readonly Mutant[] = [
  {
    id: 'M55',
    title: 'the cookie is not removed on sign-out',
    file: `${host}/cookie-keeper.ts`,
    from: 'await Promise.all([remove(), marking]);',
    to: 'await Promise.all([marking]);',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/signing-out.test.ts',
        title: 'T27 R8.1 R8.6 R8.8 local first: signed out in the same step, timers gone, the mint aborted',
      },
    ],
  },
  {
    id: 'M56',
    title: 'the cookie is cleared when a mint fails',
    file: `${host}/run.ts`,
    from: "      case 'mint.failed': {",
    to: "      case 'mint.failed': {\n        deps.cookies.removeAgain();",
    caughtBy: [{ by: 'simulate' }],
  },
  {
    id: 'M57',
    title: 'the cookie is never rewritten after its first value',
    file: `${host}/cookie-keeper.ts`,
    from: 'if (values.length === 1 && values[0]?.value === given.token) return;',
    to: 'if (values.length === 1) return;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/accepting.test.ts',
        title: 'R7.6 a later oiat wins, whatever iat says; an earlier one loses',
      },
    ],
  },
  {
    id: 'M58',
    title: 'a template or a foreign organization reaches the cookie',
    file: `${host}/effects.ts`,
    from: '!context.session || !isActive(slot) ||',
    to: '!context.session ||',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/accepting.test.ts',
        title: 'R7.12 R7.13 R10.15 a template’s or another organization’s token is cached, and never in the cookie',
      },
    ],
  },
  {
    id: 'M59',
    title: 'an older token replaces a fresher one in the cookie',
    file: `${host}/cookie-keeper.ts`,
    from: 'if (values.length === 1 && values.some((value) => isBetter(value, given))) return;',
    to: '',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/accepting-laws.test.ts',
        title: 'S8 R10.17 a cookie that is fresher by another tab’s doing is left alone',
      },
    ],
  },
  {
    id: 'M60',
    title: 'no tombstone is left',
    file: `${host}/effects.ts`,
    from: 'withSignOut(now, { ...signOut, now: observer.now() })',
    to: '(signOut.epoch === -1 ? withSignOut(now, { ...signOut, now: observer.now() }) : now)',
    caughtBy: [
      { by: 'simulate' },
      {
        by: 'test',
        file: 'test/lifecycle/signing-out.test.ts',
        title: 'R8.11 a tombstone names the epoch in the shared store and in the cookie’s companion',
      },
    ],
  },
  {
    id: 'M61',
    title: 'no epoch check: a pending cache write survives the sign-out',
    file: `${host}/effects.ts`,
    from: 'if (isGone()) void report.settle',
    to: 'if (false as boolean) void report.settle',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/signing-out-races.test.ts',
        title: 'S7 a cache write that is pending at sign-out leaves nothing behind',
      },
    ],
  },
  {
    id: 'M62',
    title: 'the cache keeps the tokens of a session that signed out',
    file: `${host}/effects.ts`,
    from: '[...(prefix ? [prefix] : []), names.activeToken].map((place) =>',
    to: '[].map((place) =>',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/signing-out.test.ts',
        title:
          'R8.9 the cache of the session goes under every key, those of another tab included, and no other session’s',
      },
    ],
  },
  {
    id: 'M63',
    title: 'the peers are not told of a sign-out',
    file: `${host}/effects.ts`,
    from: "if (prefix) peers.tell({ is: 'signed-out', session: prefix, epoch: reached, at: told });",
    to: "if (prefix && reached === -1) peers.tell({ is: 'signed-out', session: prefix, epoch: reached, at: told });",
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/signing-out.test.ts',
        title: 'T27 R8.1 R8.12 I06 in every tab at once, cookie and caches empty, and nothing is sent any more',
      },
    ],
  },
  {
    id: 'M64',
    title: 'a peer’s sign-out is not heard',
    file: `${host}/peers.ts`,
    from: 'if (isOurs) by.signedOut(message.epoch, message.at);',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/signing-out.test.ts',
        title: 'T27 R8.1 R8.12 I06 in every tab at once, cookie and caches empty, and nothing is sent any more',
      },
    ],
  },
  {
    id: 'M65',
    title: 'a tab in the background writes its own identity over that of the focused one',
    file: `${host}/cookie-context.ts`,
    from: "return focused ? 'to-be-claimed' : 'denied';",
    to: "return 'granted';",
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/whose-cookie.test.ts',
        title:
          'R10.14 B20 two sessions of one browser, each in its tab: the cookie names the one that is looked at, within a microtask',
      },
    ],
  },
  {
    id: 'M66',
    title: 'who signed in before somebody else takes the cookie back on focus',
    file: `${host}/cookie-context.ts`,
    from: "if (!isOwn && context.signInEpoch > signInEpoch) return 'denied';",
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/whose-cookie.test.ts',
        title:
          'I08 R10.14 somebody else signs in in another tab: the first one’s token is never written again, whatever happens to it',
      },
    ],
  },
  {
    id: 'M67',
    title: 'no look after the write: a cookie comes back after a sign-out elsewhere',
    file: `${host}/cookie-keeper.ts`,
    from: "if (written.status === 'written') void takeBackIfForbidden(given, values[0]);",
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/mutants/survivors.test.ts',
        title:
          'R8.16 R10.14 R10.22 the write that lands late is taken back, and the next look at the new one puts it right',
      },
    ],
  },
  {
    id: 'M118',
    title: 'word of an old sign-out, told late, ends a session that was given since',
    file: 'machines/session/setup.ts',
    from: '(epoch === null || epoch >= context.signInEpoch) && !isBeforeSignIn(context, at),',
    to: 'epoch === null || epoch >= context.signInEpoch,',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/owed.test.ts',
        title:
          'S1 T28 that it could not be written is told later than who signed in since, or began since: it ends neither',
      },
    ],
  },
  {
    id: 'M119',
    title: 'a sign-out that is written late ends a sign-in that came after it',
    file: `${host}/record-changes.ts`,
    from: 'signInAt !== knownSignInAt && (isSetBack || isWithin(signInAt, at, now));',
    to: 'signInAt === knownSignInAt && (isSetBack || isWithin(signInAt, at, now));',
    caughtBy: [
      {
        by: 'test',
        file: 'test/tabs/owed.test.ts',
        title:
          'S1 T28 a sign-out that is written late ends no later sign-in, also where the tab had counted further by itself',
      },
    ],
  },
];
