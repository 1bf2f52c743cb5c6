/** Keys: which token is meant, and how it is named. */
import type { Session } from './events';
import type { TokenKey } from './ports';

/** What a reader may ask for beyond the session token. */
export type KeyOptions = {
  readonly template?: string;
  readonly organizationId?: string | null;
  readonly params?: Readonly<Record<string, string>>;
};

/** The key of a session's own token, or of another one of the same session. */
export function keyOf(session: Session, options: KeyOptions = {}): TokenKey {
  const organizationId = options.organizationId === undefined ? session.organizationId : options.organizationId;
  return {
    sessionId: session.id,
    ...(options.template !== undefined && { template: options.template }),
    ...(organizationId !== undefined && { organizationId }),
    ...(options.params !== undefined && Object.keys(options.params).length > 0 && { params: options.params }),
  };
}

/** One name per key, whatever the order of its params; two different keys never share one. */
export function keyId(key: TokenKey): string {
  const params = Object.entries(key.params ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const organization = key.organizationId === undefined ? [] : [key.organizationId];
  return `token:${JSON.stringify([key.sessionId, key.template ?? null, organization, params])}`;
}

/** The key that an id names; `null` for any other string. */
export function keyFromId(id: string): TokenKey | null {
  if (!id.startsWith('token:')) return null;
  const [sessionId, template, organization, params] = JSON.parse(id.slice('token:'.length)) as [
    string,
    string | null,
    readonly (string | null)[],
    readonly (readonly [string, string])[],
  ];
  return {
    sessionId,
    ...(template !== null && { template }),
    ...(organization.length > 0 && { organizationId: organization[0] ?? null }),
    ...(params.length > 0 && { params: Object.fromEntries(params) }),
  };
}

/** For people: without the session's id. */
export function keyLabel(key: TokenKey): string {
  const parts = [
    key.template === undefined ? 'session' : `template ${key.template}`,
    ...(key.organizationId ? [key.organizationId] : []),
    ...Object.entries(key.params ?? {}).map(([name, value]) => `${name}=${value}`),
  ];
  return parts.join(' · ');
}
