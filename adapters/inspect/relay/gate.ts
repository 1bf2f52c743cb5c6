/**
 * Who may come in. The address alone keeps nobody out: any page in a browser on this machine can reach 127.0.0.1, and a name
 * of an attacker's can be made to lead here (DNS rebinding). So the path is a secret, and Host and Origin have to fit.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** `view`: looks, and is sent everything. `send`: sends, and is sent nothing. */
export type Door = 'view' | 'send';

export type Gate = {
  /** Paths, with 128 random bits each. */
  readonly paths: Readonly<Record<Door, string>>;
  /** `null`: nobody tells why. */
  admit(request: IncomingMessage): Door | null;
};

export type GateOptions = { readonly port: number; readonly allowedOrigins: readonly string[] };

const drawPath = (): string => `/${randomBytes(16).toString('base64url')}/`;

/** In the same time whatever it is: a path is guessed no faster letter by letter. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export function createGate({ port, allowedOrigins }: GateOptions): Gate {
  const paths = { view: drawPath(), send: drawPath() };
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const own = hosts.map((host) => `http://${host}`);

  function doorOf(target: string): Door | null {
    const [path = ''] = target.split('?');
    if (isSame(path, paths.view)) return 'view';
    return isSame(path, paths.send) ? 'send' : null;
  }

  /** A browser always names the origin of a page that opens a WebSocket; a process has none. */
  const isWelcome = (door: Door, origin: string | undefined): boolean =>
    origin === undefined || own.includes(origin) || (door === 'send' && allowedOrigins.includes(origin));

  return {
    paths,
    admit: ({ url = '', headers }) => {
      const door = doorOf(url);
      if (!door || !hosts.includes(headers.host ?? '')) return null;
      return isWelcome(door, headers.origin) ? door : null;
    },
  };
}
