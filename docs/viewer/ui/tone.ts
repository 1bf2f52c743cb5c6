/** One colour per state, the same in chart, timeline and tree. Ours have their own; others get one of a few, always the same. */
const known: Readonly<Record<string, string>> = {
  restoring: 'slate',
  fresh: 'green',
  stale: 'amber',
  refreshing: 'blue',
  'offline-retrying': 'violet',
  'outage-fallback': 'red',
  'signed-out': 'grey',
  'signed-in': 'green',
  done: 'grey',
  stopped: 'grey',
  error: 'red',
};

const others = ['blue', 'green', 'amber', 'violet', 'teal', 'rose', 'slate'];

export function toneOf(state: string): string {
  const tone = known[state];
  if (tone !== undefined) return tone;
  let sum = 0;
  for (const character of state) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9_973;
  return others[sum % others.length] ?? 'slate';
}
