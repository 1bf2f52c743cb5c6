/** Accepting. */
import type { Mutant } from '../mutant';

const token = 'machines/token';
const host = 'adapters/host';

export const accepting: readonly Mutant[] = [
  {
    id: 'M36',
    title: 'the tie goes the wrong way: an equally fresh mint replaces nothing',
    file: 'machines/acceptance.ts',
    from: 'return freshnessOrder(incoming, held) >= 0;',
    to: 'return freshnessOrder(incoming, held) > 0;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/accepting.test.ts',
        title: 'R7.8 T8 with both equal the incoming wins, provided that it lasts longer',
      },
    ],
  },
  {
    id: 'M37',
    title: 'whatever comes last wins, however old it is',
    file: 'machines/acceptance.ts',
    from: 'return freshnessOrder(incoming, held) >= 0;',
    to: 'return true;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/accepting.test.ts',
        title: 'R7.6 a later oiat wins, whatever iat says; an earlier one loses',
      },
    ],
  },
  {
    id: 'M38',
    title: 'oiat does not count',
    file: 'machines/held-token.ts',
    from: 'if (origins[0] !== origins[1]) return origins[0] > origins[1] ? 1 : -1;',
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/accepting.test.ts',
        title: 'R7.6 a later oiat wins, whatever iat says; an earlier one loses',
      },
    ],
  },
  {
    id: 'M39',
    title: 'a token of another session is taken',
    file: 'machines/acceptance.ts',
    from: "if (token.sessionId !== undefined && token.sessionId !== key.sessionId) return 'other_session';",
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/accepting.test.ts',
        title: 'R7.2 another session: R5.10 R5.11 invalid, and it goes nowhere',
      },
    ],
  },
  {
    id: 'M40',
    title: 'a token of another organization is taken',
    file: 'machines/acceptance.ts',
    from: "if (asked !== undefined && token.organizationId !== undefined && token.organizationId !== asked)\n    return 'other_organization';",
    to: '',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/accepting.test.ts',
        title: 'R7.2 another organization: R5.10 R5.11 invalid, and it goes nowhere',
      },
    ],
  },
  {
    id: 'M41',
    title: 'a token that an API refused is served on',
    file: `${token}/laws.ts`,
    from: "hasUsableToken(context) && !context.rejected.includes(context.held?.fingerprint ?? '');",
    to: 'hasUsableToken(context);',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/accepting.test.ts',
        title: 'R7.10 a token that was reported as rejected loses to any other, and never comes back',
      },
    ],
  },
  {
    id: 'M42',
    title: 'forced reads are answered by a mint that started before they asked',
    file: `${host}/readers.ts`,
    from: 'const answered = forced.filter(({ after }) => number > after);',
    to: 'const answered = [...forced];',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/reading-forced.test.ts',
        title: 'T25 who forces while a mint runs shares one follow-up with all others who do',
      },
    ],
  },
  {
    id: 'M43',
    title: 'the follow-up mint for forced reads is dropped',
    file: `${token}/states/fresh.ts`,
    from: "      guard: 'isForced',",
    to: "      guard: 'isOffline',",
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/reading-forced.test.ts',
        title: 'T25 who forces while a mint runs shares one follow-up with all others who do',
      },
    ],
  },
  {
    id: 'M44',
    title: 'token.updated is told although nothing changed',
    file: `${host}/run.ts`,
    from: 'if (token && deps.told.get(slot.id) === token.generation) effects.syncCookie(slot);\n    else if (token) {',
    to: 'if (slot.held) {\n      const token = slot.held;',
    caughtBy: [
      {
        by: 'test',
        file: 'test/lifecycle/accepting.test.ts',
        title: 'R7.9 a held token that is expiring or expired loses to any valid one',
      },
    ],
  },
];
