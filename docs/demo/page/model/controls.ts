import type { DemoSession } from '../../server/sessions';
import type { DemoSettings } from '../../server/settings';
import type { Store } from '../../store';
import type { Network } from './network';

export type SignedIn = Pick<DemoSession, 'id' | 'organizationId'>;

export type Controls = {
  /** Rejects where the network is cut or the server is gone. */
  signIn(userId: string): Promise<SignedIn>;
  endSession(): Promise<void>;
  /** Presents a session secret that is used up, as who has copied it would. */
  replay(): Promise<void>;
  /** Shown at once, told to the server, and set back where that does not take it. */
  change(settings: Partial<DemoSettings>): Promise<void>;
};

const headers = { 'content-type': 'application/json', 'x-token-lifecycle': '1' };

/**
 * The levers of the server. Signing in goes through the network with the switch, as a user's request does; the levers
 * themselves do not, or the network could not be repaired while it is broken.
 */
export function createControls(network: Network, settings: Store<DemoSettings>): Controls {
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
    replay: async () => {
      await post(direct, '/demo/replay', {});
    },
    change: async (change) => {
      const before = settings.get();
      settings.set({ ...before, ...change });
      const { ttlSeconds, ...rest } = change;
      try {
        if (ttlSeconds !== undefined) await post(direct, '/demo/ttl', { ttlSeconds });
        if (Object.keys(rest).length > 0) await post(direct, '/demo/faults', rest);
      } catch (error) {
        settings.set(before);
        throw error;
      }
    },
  };
}
