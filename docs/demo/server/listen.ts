import type { DemoServer } from './server';

/**
 * Listens on `usualPort`, or on a free one where that is taken.
 *
 * @returns the address, and whether it is the usual one
 */
export async function listenSomewhere(
  server: Pick<DemoServer, 'listen'>,
  usualPort: number,
): Promise<{ url: string; usual: boolean }> {
  try {
    return { url: await server.listen(usualPort), usual: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return { url: await server.listen(0), usual: false };
  }
}
