/** What `createTokenInspector` can be told. */
import {
  checkBoolean,
  checkFunction,
  checkKnown,
  checkNumber,
  checkObject,
  checkOneOf,
  checkSecurePlace,
  checkText,
  fail,
} from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';
import { guarded, type InspectorProblem, type Report, warn } from './problems';
import { isProduction } from './production';
import type { SocketConstructor } from './targets/socket';

export type TokenInspectorOptions = {
  /**
   * `'stately'`: the hosted inspector, in development only. `'window'`: the viewer that ships here, in a window.
   * `'websocket'`: a relay, see `createInspectorRelay`. An iframe: the viewer, in there.
   */
  readonly to: 'stately' | 'window' | 'websocket' | HTMLIFrameElement;
  /** Where the viewer is served, or the relay listens. Required for `'websocket'`; https and wss, or this machine. */
  readonly url?: string | URL;
  /** What a viewer calls this page or process. Default the page's title, or `node` and the process id. */
  readonly name?: string;
  /** How many events are kept for a viewer that is not there yet, from 1 to 10000. Default 500. */
  readonly keepEvents?: number;
  /** Told what keeps events from being seen. Default a line on the console. */
  readonly onProblem?: (problem: InspectorProblem) => void;
  /** For `'websocket'`, where the platform has none. Default the platform's, then that of the package `ws`. */
  readonly WebSocket?: SocketConstructor;
  /** Allows `'stately'` in a production build: what your users do is then sent to a third party's page. Default false. */
  readonly dangerouslyInspectInProduction?: boolean;
};

/** A place and the only origin that may hear and be heard. */
export type ViewerPlace = { readonly url: URL | null; readonly origin: string };

export type InspectorSettings = {
  readonly to: 'window' | 'frame' | 'websocket';
  readonly frame: HTMLIFrameElement | null;
  readonly name: string | undefined;
  readonly keepEvents: number;
  readonly report: Report;
  readonly WebSocket: SocketConstructor | undefined;
  readonly url: string | undefined;
};

const hostedUrl = 'https://stately.ai/inspect';

const known = ['to', 'url', 'name', 'keepEvents', 'onProblem', 'WebSocket', 'dangerouslyInspectInProduction'];

/** Of any realm: an iframe may be made by another page. */
const isFrame = (value: unknown): value is HTMLIFrameElement =>
  typeof value === 'object' && value !== null && 'contentWindow' in value && 'src' in value;

function parse(option: string, text: string, base?: string): URL {
  try {
    return new URL(text, base);
  } catch {
    return fail(option, base === undefined ? 'an absolute URL' : 'a URL', text);
  }
}

function refuseSecrets(option: string, { username, password }: URL): void {
  if (username !== '' || password !== '')
    throw new ConfigurationError(option, 'must not carry a user name or password');
}

/** @throws ConfigurationError for the first option that cannot work */
export function readInspectorOptions(options: TokenInspectorOptions): InspectorSettings {
  const option = (name: keyof TokenInspectorOptions) => `createTokenInspector.${name}`;
  checkObject('createTokenInspector', options);
  checkKnown('createTokenInspector', options, known);
  const { to, url, name, keepEvents = 500, onProblem = warn, dangerouslyInspectInProduction = false } = options;
  if (typeof to === 'string') checkOneOf(option('to'), to, ['stately', 'window', 'websocket']);
  else if (!isFrame(to)) fail(option('to'), "'stately', 'window', 'websocket' or an iframe", to);
  if (url !== undefined && !(url instanceof URL)) checkText(option('url'), url);
  if (name !== undefined) checkText(option('name'), name);
  checkNumber(option('keepEvents'), keepEvents, { min: 1, max: 10_000, integer: true });
  checkFunction(option('onProblem'), onProblem);
  if (options.WebSocket !== undefined) checkFunction(option('WebSocket'), options.WebSocket);
  checkBoolean(option('dangerouslyInspectInProduction'), dangerouslyInspectInProduction);
  if (to === 'stately' && !dangerouslyInspectInProduction && isProduction()) {
    throw new ConfigurationError(
      option('to'),
      "must not be 'stately' in production, since it sends to a third party's page; dangerouslyInspectInProduction allows it",
    );
  }
  return {
    to: typeof to === 'object' ? 'frame' : to === 'websocket' ? to : 'window',
    frame: typeof to === 'object' ? to : null,
    name,
    keepEvents,
    report: guarded(onProblem),
    WebSocket: options.WebSocket,
    url: url === undefined ? (to === 'stately' ? hostedUrl : undefined) : String(url),
  };
}

/** @throws ConfigurationError unless it is wss, or ws to this machine */
export function readSocketUrl(text: string | undefined): URL {
  const option = 'createTokenInspector.url';
  if (text === undefined) throw new ConfigurationError(option, "must be given for 'websocket'");
  const url = parse(option, text);
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') fail(option, 'a ws: or wss: URL', text);
  checkSecurePlace(option, { protocol: url.protocol.replace('ws', 'http'), hostname: url.hostname });
  refuseSecrets(option, url);
  return url;
}

/**
 * @param own the page's own address
 * @throws ConfigurationError unless it is https, on this machine, or of the page's own origin
 */
export function readViewerPlace(text: string | undefined, own: Pick<Location, 'href' | 'origin'>): ViewerPlace {
  const option = 'createTokenInspector.url';
  if (text === undefined) {
    // Messages to an opaque origin could only be sent to everybody.
    if (own.origin === 'null')
      throw new ConfigurationError(option, 'must be given on a page without an origin of its own, such as a file');
    return { url: null, origin: own.origin };
  }
  const url = parse(option, text, own.href);
  if (url.origin !== own.origin || url.origin === 'null') checkSecurePlace(option, url);
  refuseSecrets(option, url);
  return { url, origin: url.origin };
}
