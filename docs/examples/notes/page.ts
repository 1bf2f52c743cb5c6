/** The notes in a page. */
import { browserConnectivity } from '../../../index';
import { createNotesApp } from './app';

const remembered = 'notes.session';

/** Tokens of this example live for some seconds, so that a test need not wait for a minute. */
const policy = {
  leewayMs: 1_000,
  leadMarginMs: 500,
  cutoffMs: 500,
  mintFloorMs: 200,
  retryInitialMs: 500,
  retryMaxMs: 500,
};

export function start(page: Document): void {
  const app = createNotesApp({
    url: page.location.origin,
    connectivity: browserConnectivity(),
    fetch: (input, init) => fetch(input, init),
    memory: {
      get: () => localStorage.getItem(remembered),
      set: (session) =>
        session === null ? localStorage.removeItem(remembered) : localStorage.setItem(remembered, session),
    },
    policy,
  });
  const find = (id: string): HTMLElement => {
    const element = page.getElementById(id);
    if (!element) throw new Error(`The page has no #${id}.`);
    return element;
  };
  const show = (): void => {
    const badge = app.badge();
    find('badge').textContent = badge;
    if (badge === 'signed out') find('notes').replaceChildren();
  };
  find('load').onclick = async () => {
    const notes = await app.load().catch((error: Error) => [error.message]);
    find('notes').replaceChildren(
      ...notes.map((note) => Object.assign(page.createElement('li'), { textContent: note })),
    );
  };
  find('sign-in').onclick = () => app.signIn('sess_1');
  find('sign-out').onclick = () => void app.signOut();
  addEventListener('online', show);
  addEventListener('offline', show);
  app.tokens.subscribe(show);
  app.tokens.start();
  show();
}

start(document);
