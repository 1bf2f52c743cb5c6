/** A browser with an expired token, and an issuer that gives it a new one. */
import type { RequestAuthenticatorOptions } from '../../../adapters/server/types';
import { handshake, Jar, type Keys, makeStage, marker, open, seconds } from './stage';

export async function makeRound(keys: Keys, options: Partial<RequestAuthenticatorOptions> = {}) {
  const stage = await makeStage(keys, { marker, handshake, ...options });
  const jar = new Jar(stage.clock.now).set('__client_uat', String(seconds(0))).set('__session', await stage.session());
  stage.at(100);
  const go = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await stage.authenticate(open({ path, headers, cookies: jar.cookies }));
    jar.take(answer.headers);
    return answer;
  };
  const renewed = await stage.session({ iat: 100, exp: 160 });
  return {
    ...stage,
    jar,
    go,
    renewed,
    /** What the issuer sends the browser back to. */
    back: async (away: URL, cookies: Record<string, unknown> = { __session: { value: renewed } }, given = {}) => {
      const state = away.searchParams.get('state') ?? '';
      const token = await stage.handshake(state, cookies, { iat: 100, ...given });
      return withReturn(away, { __handshake: token, __handshake_state: state });
    },
  };
}

/** Where the issuer sends the browser: path and query. */
export function withReturn(away: URL, parameters: Record<string, string>): string {
  const target = new URL(away.searchParams.get('redirect_url') ?? '');
  for (const [name, value] of Object.entries(parameters)) target.searchParams.append(name, value);
  return target.href.slice(target.origin.length);
}
