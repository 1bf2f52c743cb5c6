/** What the page can set: lifetime, fault and clock. One value, replaced as a whole, so that every listener sees the same. */

/** How the token endpoint misbehaves. */
export const faults = [
  'none',
  'outage',
  'broken',
  'unavailable',
  'rate-limited',
  'html',
  'hang',
  'slow',
  'empty',
  'dropped',
  'lost',
] as const;

export type Fault = (typeof faults)[number];

export type DemoSettings = {
  /** Lifetime of the next tokens, in seconds: 10 to 600. */
  readonly ttlSeconds: number;
  readonly fault: Fault;
  /** What `rate-limited` asks for, in seconds: 1 to 120. */
  readonly retryAfterSeconds: number;
  /** How late `slow` answers, in ms: 100 to 30000. */
  readonly slowMs: number;
  /** How wrong the server's clock is, in seconds: −600 to 600. */
  readonly clockOffsetSeconds: number;
  /** Whether answers carry a `Date`. Without it a client has only the tokens to learn the time from. */
  readonly dateHeader: boolean;
};

export const defaultSettings: DemoSettings = {
  ttlSeconds: 60,
  fault: 'none',
  retryAfterSeconds: 10,
  slowMs: 4_000,
  clockOffsetSeconds: 0,
  dateHeader: true,
};

const ranges = {
  ttlSeconds: [10, 600],
  retryAfterSeconds: [1, 120],
  slowMs: [100, 30_000],
  clockOffsetSeconds: [-600, 600],
} as const satisfies Partial<Record<keyof DemoSettings, readonly [number, number]>>;

const isWithin = (value: unknown, [min, max]: readonly [number, number]): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;

function isValid(name: string, value: unknown): boolean {
  if (name === 'fault') return faults.some((fault) => fault === value);
  if (name === 'dateHeader') return typeof value === 'boolean';
  return name in ranges && isWithin(value, ranges[name as keyof typeof ranges]);
}

/**
 * Applies a change from outside, or says what is wrong with it.
 *
 * @param allowed the settings that this route may touch
 */
export function changeSettings(
  now: DemoSettings,
  change: unknown,
  allowed: readonly (keyof DemoSettings)[],
): { settings: DemoSettings } | { problem: string } {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return { problem: 'not_an_object' };
  const entries = Object.entries(change);
  if (entries.length === 0) return { problem: 'nothing_to_change' };
  for (const [name, value] of entries) {
    if (!allowed.some((one) => one === name)) return { problem: 'unknown_setting' };
    if (!isValid(name, value)) return { problem: `invalid_${name}` };
  }
  return { settings: { ...now, ...change } };
}
