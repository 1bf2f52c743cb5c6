/** Which names of fields say what stands in them. */
import type { Trust } from './text';

/** Named after a secret, in whichever way words are joined: `refreshToken`, `refresh_token`, `X-Api-Key`. */
const secretName =
  /token|jwt|jws|jwe|secret|passw|passphrase|passcode|pwd|credential|cookie|authori[sz]ation|bearer|nonce|api_?key|private_?key|signing_?key|session_?key|access_?key|otp|^pin$|verifier|assertion|signature|csrf|xsrf|^auth$|^code_?challenge$|^sid$|^jti$|^dpop$|^seed$/i;

/** Fields of ours whose names sound like a secret and hold none: settings and facts. */
const harmless: ReadonlySet<string> = new Set(['presentHeldToken', 'carriesTokens', 'tokenType', 'token_type']);

/** Fields whose values are names: of events, states, reasons, errors. All of them are ours, XState's, or common. */
const codes: ReadonlySet<string> = new Set([
  'type',
  'status',
  'state',
  'class',
  'kind',
  'is',
  'from',
  'cause',
  'reason',
  'name',
  'code',
  'serverCode',
  'presence',
  'verdict',
  'terminalCodes',
  'presentHeldToken',
  'tokenType',
]);

/**
 * What a secret's own record may say in the open: facts about a token or a credential that decide, and that are none.
 * Under a name like `token` nothing else stays.
 */
const facts: ReadonlySet<string> = new Set([
  'type',
  'kind',
  'is',
  'from',
  'reason',
  'reuseGraceMs',
  'generation',
  'fingerprint',
  'issuedAt',
  'expiresAt',
  'originIssuedAt',
  'expiresInMs',
  'serverDate',
  'sentAt',
  'receivedAt',
  'leadCapMs',
  'sessionId',
  'organizationId',
]);

export const isSecretName = (name: string): boolean =>
  !harmless.has(name) && secretName.test(name.replace(/[-.\s]+/g, '_'));

/** Parts of a definition that are data after all. */
const inputs: ReadonlySet<string> = new Set(['context', 'input', 'params', 'meta', 'output', 'data']);

/**
 * How far what stands under `name` is trusted.
 *
 * @param around the trust in the object that has the field
 */
export function trustIn(name: string, around: Trust): Trust {
  if (around === 'chart') return inputs.has(name) ? 'data' : 'chart';
  if (around === 'secret' && !facts.has(name)) return 'secret';
  if (isSecretName(name)) return 'secret';
  return codes.has(name) ? 'code' : 'data';
}
