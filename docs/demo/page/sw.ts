/**
 * Keeps a copy of the page itself, so that it also opens without a network. Network first: the copy is a spare, never
 * the truth. Tokens, sessions and the API are none of its business; those requests pass as if it were not there.
 */
type WorkEvent = { waitUntil(work: Promise<unknown>): void };
type RequestEvent = WorkEvent & { readonly request: Request; respondWith(answer: Promise<Response>): void };

/** What this file uses of a service worker's scope; the DOM's types know pages only. */
type WorkerScope = {
  readonly registration: { unregister(): Promise<boolean> };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: WorkEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: RequestEvent) => void): void;
};

const worker = globalThis as unknown as WorkerScope;
const cacheName = 'token-lifecycle-demo';
const shell = ['/', '/style.css', '/main.js', '/icon.svg'];

/** Another project may use this port tomorrow: then this worker has to go. */
const isOurs = (response: Response): boolean => response.headers.get('x-demo') === 'token-lifecycle';

async function leave(): Promise<void> {
  await caches.delete(cacheName);
  await worker.registration.unregister();
}

async function networkFirst(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request);
    if (!isOurs(response)) await leave();
    else if (response.ok) await cache.put(path, response.clone());
    return response;
  } catch (error) {
    const spare = await cache.match(path);
    if (!spare) throw error;
    return spare;
  }
}

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(shell))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('fetch', (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin || !shell.includes(pathname)) return;
  event.respondWith(networkFirst(event.request, pathname));
});

export {};
