/** What a client asks, read from the JSON that `httpTokenSource` posts. */
import type { MintCause, PresenceLevel, TokenKey } from '../../../machines/ports';
import { fingerprint } from '../../token/fingerprint';
import { seeToken } from '../see';
import type { TokenSeen } from '../trace';

export type Operation = 'mint' | 'check' | 'revoke';

/** Where each is asked; the same in the option of `httpTokenSource` and here. */
export const paths = {
  mint: '/tokens',
  check: '/session',
  revoke: '/session/end',
  keys: '/.well-known/jwks.json',
} as const;

/** One HTTP request, as far as a token server looks at it. */
export type Call = { readonly url: string; readonly method: string; readonly body: string };

/** A request as it is kept: fingerprints in place of secrets. */
export type RecordedRequest = {
  /** True ms since the server was made. */
  readonly at: number;
  readonly op: Operation;
  readonly path: string;
  readonly key: TokenKey;
  /** Of a mint; `null` where the client does not say. */
  readonly cause: MintCause | null;
  readonly presence: PresenceLevel | null;
  readonly attempt: number | null;
  /** The last token that came along. */
  readonly presented: TokenSeen | null;
  /** Fingerprint of the single-use credential that came along. */
  readonly credential: string | null;
};

/** With the secrets that the server needs and nobody else gets. */
export type MintAsked = {
  readonly key: TokenKey;
  readonly presentedToken: string | undefined;
  readonly credential: string | undefined;
};

export type Asked = { readonly recorded: RecordedRequest; readonly secrets: MintAsked };

type Fields = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function fieldsOf(body: string): Fields {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
}

function keyFrom(fields: Fields): TokenKey {
  const { template, organizationId, params } = fields;
  return {
    sessionId: text(fields.sessionId) ?? 'sess_1',
    ...(text(template) !== undefined && { template: String(template) }),
    ...((organizationId === null || text(organizationId) !== undefined) && {
      organizationId: organizationId as string | null,
    }),
    ...(typeof params === 'object' && params !== null && { params: params as Record<string, string> }),
  };
}

/** The path of a URL, without the host: the server answers for whatever address it is put behind. */
export function pathOf(url: string): string {
  const path = /^[a-z]+:\/\/[^/?#]*(\/[^?#]*)?/i.exec(url)?.[1] ?? '/';
  return path;
}

export function operationAt(path: string): Operation | null {
  if (path.endsWith(paths.revoke)) return 'revoke';
  if (path.endsWith(paths.check)) return 'check';
  return path.endsWith(paths.mint) ? 'mint' : null;
}

export function readAsked(op: Operation, call: Call, at: number): Asked {
  const fields = fieldsOf(call.body);
  const key = keyFrom(fields);
  const presentedToken = text(fields.expired_token);
  const credential = text(fields.refresh_token);
  const { cause, presence, attempt } = fields;
  return {
    recorded: {
      at,
      op,
      path: pathOf(call.url),
      key,
      cause: (text(cause) as MintCause | undefined) ?? null,
      presence: (text(presence) as PresenceLevel | undefined) ?? null,
      attempt: typeof attempt === 'number' ? attempt : null,
      presented: presentedToken === undefined ? null : seeToken(presentedToken),
      credential: credential === undefined ? null : fingerprint(credential),
    },
    secrets: { key, presentedToken, credential },
  };
}
