/** The list of mutants fits the code as it is: a refactoring that moves a place is told here, not in a run an hour later. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scheduleFile } from './judge';
import { mutants } from './list';
import { applyChange, type Mutant } from './mutant';

const id = ({ id }: Mutant): string => id;

describe('Mutants', () => {
  it('Mutants: there are at least 60, each with an id and a title of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(60);
    expect(new Set(mutants.map(id)).size).toBe(mutants.length);
    expect(new Set(mutants.map(({ title }) => title)).size).toBe(mutants.length);
  });

  it.each(mutants.map((mutant) => [id(mutant), mutant] as const))(
    'Mutants: %s changes one place, which is there once',
    (_, mutant) => {
      const text = readFileSync(mutant.file, 'utf8');
      const changed = applyChange(text, mutant);
      expect(changed).not.toBe(text);
      expect(changed).toHaveLength(text.length - mutant.from.length + mutant.to.length);
    },
  );

  it('Mutants: a place that is not there, or not alone, is an error', () => {
    const change = { file: 'a.ts', from: 'one', to: 'two' };
    expect(() => applyChange('three', change)).toThrow('a.ts: found 0 times, not once: one');
    expect(() => applyChange('one and one', change)).toThrow('a.ts: found 2 times, not once: one');
    expect(applyChange('only one is here', change)).toBe('only two is here');
    expect(applyChange('one $1', { ...change, to: "$& $'" })).toBe("$& $' $1");
  });

  it('Mutants: whoever is said to catch one exists', () => {
    const missing = mutants.flatMap((mutant) =>
      mutant.caughtBy
        .filter((catcher) => !existsSync(catcher.by === 'test' ? catcher.file : scheduleFile(id(mutant))))
        .filter(({ by }) => by !== 'explore')
        .map(({ by }) => `${id(mutant)} by ${by}`),
    );
    expect(missing).toEqual([]);
    expect(mutants.filter(({ caughtBy }) => caughtBy.length === 0).map(id)).toEqual([]);
  });

  // A number, no share: one more mutant that only a test catches takes nothing away.
  it('Mutants: 37 are caught by exploration or simulation', () => {
    const found = mutants.filter(({ caughtBy: [first] }) => first?.by === 'simulate' || first?.by === 'explore');
    expect(found.length).toBeGreaterThanOrEqual(37);
  });
});
