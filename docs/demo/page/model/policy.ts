import { type RefreshPolicy, validatePolicy } from '../../../../index';

/**
 * The defaults are made for tokens that live for a minute or an hour. Those of the demo live for as long as one likes to watch,
 * so that its pauses are shorter too; the rules are the same.
 */
export const demoPolicy: RefreshPolicy = validatePolicy({
  leewayMs: 8_000,
  leadMarginMs: 1_000,
  cutoffMs: 2_500,
  requestTimeoutMs: 6_000,
  offlineRetries: 1,
  lockWaitMs: 3_000,
});
