/** Every number of the lifecycle, with its unit and default, in one object. */
import { checkKnown, checkNumber, checkObject, checkOneOf, checkText, fail } from './check';
import { ConfigurationError, sessionEndingCodes } from './errors';

/** How the lifecycle behaves. Durations in milliseconds; every field has a default (see `defaultPolicy`). */
export type RefreshPolicy = {
  /** How long before `exp` a token turns stale, together with `leadMarginMs`; at most half the lifetime. Default 15000. */
  readonly leewayMs: number;
  /** Added to `leewayMs`. Default 2000. */
  readonly leadMarginMs: number;
  /** A token with less left than this is kept from readers while a mint may still succeed; at most half the lifetime. Default 5000. */
  readonly cutoffMs: number;
  /** How long one mint may take. Default 10000. */
  readonly requestTimeoutMs: number;
  /** First distance between two tries. Default 3000. */
  readonly retryInitialMs: number;
  /** Growth of that distance. Default 1.55; at least 1. */
  readonly retryFactor: number;
  /** Its ceiling. Default 50000. */
  readonly retryMaxMs: number;
  /** Tries after the first without a usable token, before readers get the error. Default 8. */
  readonly retries: number;
  /** Looks at the network before readers get `OfflineError`. Default 3. */
  readonly offlineRetries: number;
  /** 0: exact instants; 1: anywhere between now and the instant. Default 0.5 (docs/decisions/0009). */
  readonly jitter: number;
  /** Least distance between two mints of one key, start to start. Default 1000. */
  readonly mintFloorMs: number;
  /** How long to wait for the lock that tabs share. Default 5000. */
  readonly lockWaitMs: number;
  /** How long an unfocused tab leaves the refresh to the focused one. Default 2000. */
  readonly takeoverGraceMs: number;
  /** How often a page looks at the clock. Default 5000. */
  readonly heartbeatMs: number;
  /** The same while it has the focus. Default 1500. */
  readonly focusedHeartbeatMs: number;
  /** During an outage every n-th refresh tries the normal way. Default 4. */
  readonly outageProbeEvery: number;
  /** The longest `Retry-After` that is believed. Default 900000. */
  readonly retryAfterMaxMs: number;
  /** A page hidden for longer mints nothing until it is seen or read. Default 1800000. */
  readonly hiddenForMs: number;
  /** When the held token goes along with a mint: only when the server asks for it, or always. Default 'on-demand'. */
  readonly presentHeldToken: 'on-demand' | 'always';
  /** Server codes that end a session where the source cannot be asked. */
  readonly terminalCodes: readonly string[];
};

/** The defaults. */
export const defaultPolicy: RefreshPolicy = Object.freeze({
  leewayMs: 15_000,
  leadMarginMs: 2_000,
  cutoffMs: 5_000,
  requestTimeoutMs: 10_000,
  retryInitialMs: 3_000,
  retryFactor: 1.55,
  retryMaxMs: 50_000,
  retries: 8,
  offlineRetries: 3,
  jitter: 0.5,
  mintFloorMs: 1_000,
  lockWaitMs: 5_000,
  takeoverGraceMs: 2_000,
  heartbeatMs: 5_000,
  focusedHeartbeatMs: 1_500,
  outageProbeEvery: 4,
  retryAfterMaxMs: 900_000,
  hiddenForMs: 1_800_000,
  presentHeldToken: 'on-demand',
  terminalCodes: sessionEndingCodes,
});

const dayMs = 24 * 60 * 60 * 1_000;

/** What a number may be. Zero is refused where it would make a loop without a pause. */
const ranges = {
  leewayMs: { min: 0, max: dayMs },
  leadMarginMs: { min: 0, max: dayMs },
  cutoffMs: { min: 0, max: dayMs },
  requestTimeoutMs: { min: 1, max: dayMs },
  retryInitialMs: { min: 1, max: dayMs },
  retryFactor: { min: 1, max: 100 },
  retryMaxMs: { min: 1, max: dayMs },
  retries: { min: 0, max: 1_000, integer: true },
  offlineRetries: { min: 0, max: 1_000, integer: true },
  jitter: { min: 0, max: 1 },
  mintFloorMs: { min: 1, max: dayMs },
  lockWaitMs: { min: 0, max: dayMs },
  takeoverGraceMs: { min: 0, max: dayMs },
  heartbeatMs: { min: 1, max: dayMs },
  focusedHeartbeatMs: { min: 1, max: dayMs },
  outageProbeEvery: { min: 1, max: 1_000, integer: true },
  retryAfterMaxMs: { min: 0, max: dayMs },
  hiddenForMs: { min: 0, max: 365 * dayMs },
} as const;

/**
 * A whole policy from a partial one.
 *
 * @param given what differs from the defaults
 * @throws ConfigurationError naming the field that cannot work, and why
 * @example validatePolicy({ requestTimeoutMs: 5_000 }).retries // 8
 */
export function validatePolicy(given: Partial<RefreshPolicy> = {}): RefreshPolicy {
  checkObject('policy', given);
  checkKnown('policy', given, Object.keys(defaultPolicy));
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const policy: RefreshPolicy = { ...defaultPolicy, ...set };
  for (const [name, range] of Object.entries(ranges))
    checkNumber(`policy.${name}`, policy[name as keyof typeof ranges], range);
  if (policy.retryMaxMs < policy.retryInitialMs) {
    throw new ConfigurationError('policy.retryMaxMs', `must not be below retryInitialMs (${policy.retryInitialMs})`);
  }
  checkOneOf('policy.presentHeldToken', policy.presentHeldToken, ['on-demand', 'always'] as const);
  if (!Array.isArray(policy.terminalCodes)) fail('policy.terminalCodes', 'an array of strings', policy.terminalCodes);
  policy.terminalCodes.forEach((code, index) => {
    checkText(`policy.terminalCodes[${index}]`, code);
  });
  return Object.freeze({ ...policy, terminalCodes: Object.freeze([...policy.terminalCodes]) });
}
