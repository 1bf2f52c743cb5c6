/** The cookie as the browser has it, looked at from outside, so that no page's timers come into it. */
import { decodeToken } from '../../../index';
import type { Tabs } from './tabs';

export const hostCookie = '__Host-__session';

export type JarSample = {
  /** Epoch ms. */
  readonly at: number;
  readonly sessionId?: string;
  readonly organizationId?: string;
};

/** Whose token the cookie carries; without fields where there is none. */
export async function lookIntoJar(world: Tabs, name = hostCookie): Promise<JarSample> {
  const cookies = await world.browser.context.cookies(world.server.blank('app.shop.localhost'));
  const at = Date.now();
  const found = cookies.find((cookie) => cookie.name === name);
  if (!found) return { at };
  const { sessionId, organizationId } = decodeToken(found.value);
  return { at, ...(sessionId !== undefined && { sessionId }), ...(organizationId !== undefined && { organizationId }) };
}

/** Looks every 50 ms until it is ended. */
export function sampleJar(world: Tabs): { readonly samples: readonly JarSample[]; end(): Promise<void> } {
  const samples: JarSample[] = [];
  let ended = false;
  const loop = (async () => {
    while (!ended) {
      const asked = Date.now();
      samples.push(await lookIntoJar(world));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 50 - (Date.now() - asked))));
    }
  })();
  return {
    samples,
    end: () => {
      ended = true;
      return loop;
    },
  };
}

/** Every sample that differs from the one before it, in words. */
export function changesIn(samples: readonly JarSample[]): string[] {
  const words = samples.map(({ sessionId = 'none', organizationId }) => organizationId ?? sessionId);
  return words.filter((word, index) => word !== words[index - 1]);
}
