import type { CSSProperties } from 'react';
import { useTokenState } from '../../../../adapters/react';
import { countdown, span, timeOfDay } from '../model/format';
import { type Life as LifeOfToken, lifeOf } from '../model/life-of';
import { useNow } from './use-now';

const sameLife = (a: LifeOfToken | null, b: LifeOfToken | null): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Shares of the bar, as its style wants them. */
function shares({ issuedAt, staleAt, expiringAt, expiresAt }: LifeOfToken): CSSProperties {
  const share = (at: number): number => (at - issuedAt) / Math.max(1, expiresAt - issuedAt);
  return { '--stale-from': share(staleAt), '--expiring-from': share(expiringAt) } as CSSProperties;
}

function Remaining({ left }: { readonly left: number | null }) {
  const figure = left === null ? '–' : left > 0 ? countdown(left) : countdown(-left);
  const word = left === null ? 'no token' : left > 0 ? 'remaining' : 'expired for';
  return (
    // Another word is another line: it takes the place of the last one, and nothing moves.
    <p key={word} className="remaining">
      <small data-slot="remaining-word">{word}</small> <span data-slot="remaining">{figure}</span>
    </p>
  );
}

function Legend({ life }: { readonly life: LifeOfToken | null }) {
  const between = (from: number | undefined, to: number | undefined): string =>
    from === undefined || to === undefined ? '–' : span(to - from);
  const at = (instant: number | undefined): string => (instant === undefined ? '–' : timeOfDay(instant));
  return (
    <ul className="legend">
      <li className="is-fresh">
        fresh <b>{between(life?.issuedAt, life?.staleAt)}</b>
      </li>
      <li className="is-stale">
        stale <b>{between(life?.staleAt, life?.expiringAt)}</b>
      </li>
      <li className="is-expiring">
        expiring <b>{between(life?.expiringAt, life?.expiresAt)}</b>
      </li>
      <li key={life?.issuedAt} className="times">{`${at(life?.issuedAt)} → ${at(life?.expiresAt)}`}</li>
    </ul>
  );
}

/** The token's life as a bar: zones for fresh, stale and expiring, and a needle for now. */
export function Life() {
  const life = useTokenState(lifeOf, sameLife);
  const offsetMs = useTokenState(({ clockOffsetMs }) => clockOffsetMs);
  const now = useNow() + offsetMs;
  const left = life && life.expiresAt - now;
  const passed = life ? (now - life.issuedAt) / Math.max(1, life.expiresAt - life.issuedAt) : 0;
  const phase = left === null ? 'is-empty' : left <= 0 ? 'is-expired' : '';
  return (
    <div className={`life ${phase}`} id="life">
      <div className="life-head">
        <h3>The token’s life</h3>
        <Remaining left={left} />
      </div>
      <div
        className="bar"
        role="img"
        aria-label="The token’s life, from minted to expired"
        style={{ ...(life && shares(life)), '--now': Math.min(1, Math.max(0, passed)) } as CSSProperties}
      >
        <div className="elapsed" />
        <div className="needle" />
      </div>
      <Legend life={life} />
    </div>
  );
}
