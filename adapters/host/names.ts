/** Names in shared places. Everything derives from the namespace; session ids are hashed. */
import { keyId } from '../../machines/key';
import type { TokenKey } from '../../machines/ports';
import { hashName } from '../token/fingerprint';

export type Names = {
  /** The shared record of this browser. */
  readonly record: string;
  /** Where the active session's token is found before anybody knows whose it is. */
  readonly activeToken: string;
  sessionPrefix(sessionId: string): string;
  token(key: TokenKey): string;
  credential(sessionId: string): string;
};

export function createNames(namespace: string): Names {
  const sessionPrefix = (sessionId: string): string => `${namespace}:${hashName(sessionId)}:`;
  return {
    record: namespace,
    activeToken: `${namespace}:active`,
    sessionPrefix,
    token: (key) => `${sessionPrefix(key.sessionId)}${hashName(keyId(key))}`,
    credential: (sessionId) => `${sessionPrefix(sessionId)}credential`,
  };
}
