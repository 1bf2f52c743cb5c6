import { literal, shortLiteral, textLiteral } from './literal';
import type { StepEntry } from './types';

export type TestParts = {
  /** The name that the machine is imported by, and from where. */
  readonly machine: string;
  readonly machineFrom: string;
  readonly testingFrom: string;
  /** The machine's id. */
  readonly system: string;
  readonly title: string;
  readonly input: unknown;
  readonly begins: unknown;
  readonly steps: readonly StepEntry[];
};

/** The text of a test that sends a machine what it heard, and compares states. Strict TypeScript accepts it. */
export function textOfTest({
  machine,
  machineFrom,
  testingFrom,
  system,
  title,
  input,
  begins,
  steps,
}: TestParts): string {
  const rows = steps.map(
    ({ event, after }) => `  { event: ${literal(event, '  ')}, leadsTo: ${shortLiteral(after.value)} },`,
  );
  const given = input === undefined ? '' : ' input: input as never,';
  return `import { expect, it } from 'vitest';
import { ${machine} } from ${textLiteral(machineFrom)};
import { replay } from ${textLiteral(testingFrom)};
${input === undefined ? '' : `\n/** What the machine was made with. */\nconst input = ${literal(input, '')};\n`}
/** Copied from the viewer: what the machine heard, and the state that it was in after that. */
const begins = ${literal(begins, '')};
const heard = [
${rows.join('\n')}
];

it(${textLiteral(title)}, () => {
  const difference = replay(
    {
      v: 1,
      system: ${textLiteral(system)},
      law: 'as recorded',
      complaint: '',
      moves: ['start', ...heard.keys()].map(String),
      loopFrom: null,
    },
    ${machine},
    {
      starts: [{ id: 'start', says: 'it begins',${given || ' input: undefined as never,'} world: { done: 0 } }],
      events: ({ world: { done } }) =>
        heard.slice(done, done + 1).map(({ event }) => ({
          id: String(done),
          says: event.type,
          does: ({ send, remember }) => {
            send(event as never);
            remember({ done: done + 1 });
          },
        })),
      invariants: [
        {
          id: 'as recorded',
          says: 'It goes through the states that were recorded.',
          inState: ({ snapshot, world: { done } }) => {
            const expected = done === 0 ? begins : heard[done - 1]?.leadsTo;
            if (snapshot.matches(expected as never)) return undefined;
            return \`It is in \${JSON.stringify(snapshot.value)}, not in \${JSON.stringify(expected)}.\`;
          },
        },
      ],
    },
  );
  expect(difference === null ? 'as recorded' : String(difference)).toBe('as recorded');
});
`;
}
