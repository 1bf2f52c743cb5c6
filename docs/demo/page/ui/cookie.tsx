import { decodeJwt } from 'jose';
import { useEffect, useState } from 'react';
import { useTokenState } from '../../../../adapters/react';
import { fingerprint, readCookie, tokenCookieName } from '../model/cookie';
import { timeOfDay } from '../model/format';
import { Fact, Panel } from './panel';
import { useSeconds } from './use-now';

const time = (seconds: number | undefined): string => (seconds === undefined ? '–' : timeOfDay(seconds * 1000));

function useFingerprint(value: string | undefined): string {
  const [known, setKnown] = useState<{ readonly of: string; readonly digits: string } | null>(null);
  useEffect(() => {
    if (value === undefined) return;
    let isOver = false;
    void fingerprint(value).then((digits) => !isOver && setKnown({ of: value, digits }));
    return () => {
      isOver = true;
    };
  }, [value]);
  if (value === undefined) return 'no cookie';
  return known?.of === value ? known.digits : '…';
}

/** What stands in the cookie, decoded; never its value. Other tabs write it too, and tell nobody: it looks each second as well. */
export function Cookie() {
  useTokenState((state) => state);
  useSeconds();
  const value = readCookie(tokenCookieName);
  const digits = useFingerprint(value);
  const claims = value === undefined ? null : decodeJwt(value);
  return (
    <Panel
      title={
        <>
          The cookie <code>{tokenCookieName}</code>
        </>
      }
    >
      <dl className="facts" id="cookie" data-present={value !== undefined}>
        <Fact name="Fingerprint" slot="cookie-fingerprint">
          {digits}
        </Fact>
        <Fact name="Subject" slot="cookie-sub">
          {claims?.sub ?? '–'}
        </Fact>
        <Fact name="Session" slot="cookie-sid">
          {String(claims?.sid ?? '–')}
        </Fact>
        <Fact name="Organization" slot="cookie-org">
          {claims ? String(claims.org_id ?? 'none') : '–'}
        </Fact>
        <Fact name="Issued" slot="cookie-iat">
          {time(claims?.iat)}
        </Fact>
        <Fact name="Expires" slot="cookie-exp">
          {time(claims?.exp)}
        </Fact>
      </dl>
      <p className="hint">
        Beside it lies <code>demo_session</code>, HttpOnly: no script can read it, and only it can mint.
      </p>
    </Panel>
  );
}
