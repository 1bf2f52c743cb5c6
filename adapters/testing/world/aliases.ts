/** Tabs give themselves names by chance. In a trace they are told by order of appearance, or no two traces would be the same. */
import type { InFlight, SharedKey, SharedRecord } from '../../../machines/ports';

export function createAliases(): (record: SharedRecord) => SharedRecord {
  const known = new Map<string, string>();

  /** What a tab appends to its name (a number of its own) stays. */
  function alias(name: string): string {
    const [tab = '', ...rest] = name.split('.');
    const found = known.get(tab) ?? `tab#${known.size + 1}`;
    known.set(tab, found);
    return [found, ...rest].join('.');
  }

  function ofKey(key: SharedKey): SharedKey {
    const { failed, minting } = key;
    if (!failed && !minting) return key;
    return {
      ...key,
      ...(failed && { failed: { ...failed, by: alias(failed.by) } }),
      ...(minting && { minting: { ...minting, by: alias(minting.by) } }),
    };
  }

  const ofMark = (mark: InFlight): InFlight => ({ ...mark, owner: alias(mark.owner) });

  return (record) => {
    const { inFlight, inFlightToo, keys } = record;
    if (!inFlight && !inFlightToo && !keys) return record;
    return {
      ...record,
      ...(inFlight && { inFlight: ofMark(inFlight) }),
      ...(inFlightToo && { inFlightToo: inFlightToo.map(ofMark) }),
      ...(keys && { keys: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, ofKey(key)])) }),
    };
  };
}
