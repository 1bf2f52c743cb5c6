import type { DemoSession } from '../server/sessions';
import type { DemoSettings } from '../server/settings';
import type { Network } from './network';

export type SignedIn = Pick<DemoSession, 'id' | 'organizationId'>;

export type DemoControls = {
  /** Rejects where the network is cut or the server is gone. */
  signIn(userId: string): Promise<SignedIn>;
  endSession(): Promise<void>;
  change(settings: Partial<DemoSettings>): Promise<void>;
};

const headers = { 'content-type': 'application/json', 'x-token-lifecycle': '1' };

/**
 * The levers of the server. Signing in goes through the network with the switch, as a user's request does; the levers
 * themselves do not, or the network could not be repaired while it is broken.
 */
export function createControls(network: Network): DemoControls {
  const post = async (send: Network['fetch'], path: string, body: unknown): Promise<unknown> => {
    const response = await send(path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  };
  const direct: Network['fetch'] = (input, init) => fetch(input, init);
  return {
    signIn: async (userId) => {
      const { session } = (await post(network.fetch, '/sign-in', { userId })) as { session: DemoSession };
      return { id: session.id, organizationId: session.organizationId };
    },
    endSession: async () => {
      await post(direct, '/demo/end-session', {});
    },
    change: async ({ ttlSeconds, ...rest }) => {
      if (ttlSeconds === undefined) await post(direct, '/demo/faults', rest);
      else await post(direct, '/demo/ttl', { ttlSeconds });
    },
  };
}
