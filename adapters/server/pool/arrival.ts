/** How a session gets to where other processes find it, and from there to one that does not know it yet. */
import { TokenRequestError } from '../../../machines/errors';
import type { Session } from '../../../machines/events';
import { withoutMark } from '../../host/mark';
import { createNames } from '../../host/names';
import { checkSession } from '../../host/options';
import { hashName } from '../../token/fingerprint';
import { lasting, namespaceOf, type Shared, whoseName } from './cell';

/** A session as it was written. Whoever can write to the cache could have written anything. */
function parseSession(text: string, id: string): Session | undefined {
  try {
    const session: unknown = JSON.parse(text);
    checkSession('session', session);
    return session.id === id ? session : undefined;
  } catch {
    return undefined;
  }
}

const unstored = (message: string, cause: unknown): TokenRequestError =>
  new TokenRequestError(message, { failure: 'transient', cause });

/** @throws TokenRequestError where it could not be written */
export async function publish(
  { cache, store }: Shared,
  namespace: string,
  session: Session,
  credential: string | undefined,
): Promise<void> {
  const own = namespaceOf(namespace, session.id);
  const names = createNames(own);
  try {
    if (credential !== undefined) {
      await cache.set(names.credential(session.id), credential, lasting);
      // What was in flight was the credential of an earlier sign-in.
      await store.update(own, (now) => {
        if (!now) return now;
        return { ...withoutMark(now, hashName(session.id)), generation: now.generation + 1 };
      });
    }
    await cache.set(whoseName(names, session.id), JSON.stringify(session), lasting);
  } catch (error) {
    throw unstored('The sign-in could not be stored, so no other process would know of it.', error);
  }
}

/** Whose session an id is; `undefined` where nobody signed in with it. @throws TokenRequestError where that cannot be read */
export async function lookUp({ cache }: Shared, namespace: string, sessionId: string): Promise<Session | undefined> {
  const names = createNames(namespaceOf(namespace, sessionId));
  try {
    const found = await cache.get(whoseName(names, sessionId));
    return found === undefined ? undefined : parseSession(found, sessionId);
  } catch (error) {
    throw unstored('What is stored cannot be read, so nobody knows whether the session is signed in.', error);
  }
}
