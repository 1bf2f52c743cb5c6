import { decodeJwt } from 'jose';
import { find, slot } from './dom';
import { timeOfDay } from './format';

/** The value of a cookie of this page, as the browser would send it. */
export function readCookie(name: string): string | undefined {
  for (const pair of document.cookie.split('; ')) {
    if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1);
  }
  return undefined;
}

/** First eight hex digits of the SHA-256: enough to tell two tokens apart, useless to a thief. */
export async function fingerprint(token: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
  return [...digest.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const time = (seconds: number | undefined): string => (seconds === undefined ? '–' : timeOfDay(seconds * 1000));

/** What stands in the cookie, decoded; never its value. */
export function createCookieView(): () => void {
  const root = find('#cookie');
  const slots = {
    fingerprint: slot('cookie-fingerprint'),
    sub: slot('cookie-sub'),
    sid: slot('cookie-sid'),
    org: slot('cookie-org'),
    iat: slot('cookie-iat'),
    exp: slot('cookie-exp'),
  };
  let shown: string | undefined | null = null;

  return () => {
    const value = readCookie('__session');
    if (value === shown) return;
    shown = value;
    root.dataset.present = String(value !== undefined);
    if (value === undefined) {
      for (const write of Object.values(slots)) write('–');
      slots.fingerprint('no cookie');
      return;
    }
    const claims = decodeJwt(value);
    slots.sub(claims.sub ?? '–');
    slots.sid(String(claims.sid ?? '–'));
    slots.org(String(claims.org_id ?? 'none'));
    slots.iat(time(claims.iat));
    slots.exp(time(claims.exp));
    void fingerprint(value).then((digits) => {
      if (shown === value) slots.fingerprint(digits);
    });
  };
}
