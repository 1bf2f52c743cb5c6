/** What the headers of a request say about where it comes from and what it is for. */
import type { RequestFacts } from '../../machines/handshake/facts';

const prefetchHeaders: readonly (readonly [string, RegExp])[] = [
  ['sec-purpose', /\b(?:prefetch|prerender)\b/i],
  ['purpose', /\bprefetch\b/i],
  ['x-purpose', /\b(?:preview|prefetch)\b/i],
  ['x-moz', /\bprefetch\b/i],
  ['next-router-prefetch', /./],
];

/** The browser's own word counts; without it, that of the page. Who says nothing proves nothing. */
function isSameOrigin(headers: Headers, origins: readonly string[]): boolean {
  const site = headers.get('sec-fetch-site');
  return site === null ? origins.includes(headers.get('origin') ?? '') : site.toLowerCase() === 'same-origin';
}

const isWebSocket = (headers: Headers): boolean =>
  /\bwebsocket\b/i.test(headers.get('upgrade') ?? '') ||
  headers.has('sec-websocket-key') ||
  headers.get('sec-fetch-mode') === 'websocket';

/** @param readOnly the caller cannot pass headers on to the browser */
export function requestFacts(request: Request, origins: readonly string[], readOnly: boolean): RequestFacts {
  const { headers } = request;
  const webSocket = isWebSocket(headers);
  return {
    method: request.method.toUpperCase(),
    webSocket,
    sameOrigin: isSameOrigin(headers, origins),
    destination: headers.get('sec-fetch-dest')?.toLowerCase() ?? null,
    acceptsHtml: /\btext\/html\b/i.test(headers.get('accept') ?? ''),
    prefetch: prefetchHeaders.some(([name, pattern]) => pattern.test(headers.get(name) ?? '')),
    canSetCookies: !readOnly && !webSocket,
  };
}

/** What stands behind `Bearer`, or `null` where that scheme is not used. An empty one is a bad token, not none. */
export function bearerOf(request: Request): string | null {
  const match = /^bearer(?:[ \t]+(.*))?$/is.exec(request.headers.get('authorization')?.trim() ?? '');
  return match ? (match[1] ?? '').trim() : null;
}
