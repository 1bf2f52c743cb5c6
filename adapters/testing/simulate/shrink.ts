/** Makes what fails short: takes parts away for as long as it still fails (delta debugging, Zeller's ddmin). */

export type ShrinkBudget = {
  /** How many times `stillFails` may be asked. */
  tries: number;
};

/**
 * The shortest list that was found to fail still. Order is kept. In the end no single item can be left out, unless the budget
 * was used up before.
 *
 * @param items a list that fails
 * @param stillFails whether a shorter one does
 * @param budget counted down; share it between several calls
 * @example await shrinkList(steps, async (fewer) => (await run(fewer)).violations.length > 0, { tries: 200 });
 */
export async function shrinkList<Item>(
  items: readonly Item[],
  stillFails: (fewer: readonly Item[]) => Promise<boolean>,
  budget: ShrinkBudget,
): Promise<readonly Item[]> {
  let kept = items;
  let size = Math.ceil(kept.length / 2);
  while (size >= 1 && kept.length > 0 && budget.tries > 0) {
    let removed = false;
    // From the end: what comes late depends on what comes early, seldom the other way round.
    for (let end = kept.length; end > 0 && budget.tries > 0; end -= size) {
      const fewer = [...kept.slice(0, Math.max(0, end - size)), ...kept.slice(end)];
      budget.tries -= 1;
      if (await stillFails(fewer)) {
        kept = fewer;
        removed = true;
      }
    }
    if (size === 1 && !removed) break;
    size = removed ? Math.min(size, Math.max(1, kept.length)) : Math.floor(size / 2);
  }
  return kept;
}

/**
 * The smallest whole number that was found to fail still, by halving the distance to `least`.
 *
 * @param value a number that fails
 * @param least the simplest one
 */
export async function shrinkNumber(
  value: number,
  least: number,
  stillFails: (smaller: number) => Promise<boolean>,
  budget: ShrinkBudget,
): Promise<number> {
  let failing = value;
  let passing = least - 1;
  while (failing - passing > 1 && budget.tries > 0) {
    // The simplest first: most numbers do not matter at all.
    const candidate = passing < least ? least : passing + Math.floor((failing - passing) / 2);
    budget.tries -= 1;
    if (await stillFails(candidate)) failing = candidate;
    else passing = candidate;
  }
  return failing;
}
