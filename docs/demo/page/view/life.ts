import { defaultPolicy } from '../../../../index';
import { find, slot } from './dom';
import { countdown, span, timeOfDay } from './format';

/** What the bar shows; instants on the server's clock, epoch ms. */
export type Life = { readonly issuedAt: number; readonly expiresAt: number; readonly staleAt: number };

/** The token's life as a bar: zones for fresh, stale and expiring, and a needle for now. */
export function createLifeView(): { update(life: Life | null): void; tick(serverNowMs: number): void } {
  const root = find('#life');
  const bar = find('.bar', root);
  const remaining = slot('remaining');
  const word = slot('remaining-word');
  const spans = { fresh: slot('span-fresh'), stale: slot('span-stale'), expiring: slot('span-expiring') };
  const mintedAt = slot('minted-at');
  const expiresAt = slot('expires-at');
  let life: Life | null = null;

  return {
    update: (next) => {
      life = next;
      root.classList.toggle('is-empty', next === null);
      if (!next) {
        for (const write of [...Object.values(spans), mintedAt, expiresAt, remaining]) write('–');
        word('no token');
        return;
      }
      const lifetime = Math.max(1, next.expiresAt - next.issuedAt);
      const expiring = Math.min(defaultPolicy.cutoffMs, lifetime / 2);
      const stale = Math.max(0, next.expiresAt - next.staleAt - expiring);
      bar.style.setProperty('--stale-from', String(1 - (stale + expiring) / lifetime));
      bar.style.setProperty('--expiring-from', String(1 - expiring / lifetime));
      spans.fresh(span(lifetime - stale - expiring));
      spans.stale(span(stale));
      spans.expiring(span(expiring));
      mintedAt(timeOfDay(next.issuedAt));
      expiresAt(timeOfDay(next.expiresAt));
    },
    tick: (serverNowMs) => {
      if (!life) return;
      const left = life.expiresAt - serverNowMs;
      const passed = 1 - left / Math.max(1, life.expiresAt - life.issuedAt);
      bar.style.setProperty('--now', String(Math.min(1, Math.max(0, passed))));
      root.classList.toggle('is-expired', left <= 0);
      remaining(left > 0 ? countdown(left) : `−${countdown(-left)}`);
      word(left > 0 ? 'left' : 'since it expired');
    },
  };
}
