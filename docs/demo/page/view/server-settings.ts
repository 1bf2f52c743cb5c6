import type { DemoSettings } from '../../server/settings';
import { find } from './dom';
import { span } from './format';

/** Stops of the slider: short ones for watching, long ones for the feel of the real thing. */
const lifetimes = [10, 15, 20, 30, 60, 90, 120, 180, 300, 600];

const closest = (seconds: number): number =>
  lifetimes.reduce((best, one, index) => {
    const held = lifetimes[best] ?? 0;
    return Math.abs(one - seconds) < Math.abs(held - seconds) ? index : best;
  }, 0);

/** Lifetime and clock of the server. */
export function createServerSettingsView(
  change: (settings: Partial<DemoSettings>) => void,
): (settings: DemoSettings) => void {
  const ttl = find<HTMLInputElement>('#ttl');
  const ttlValue = find<HTMLOutputElement>('#ttl-value');
  const clock = find<HTMLInputElement>('#clock');
  const clockValue = find<HTMLOutputElement>('#clock-value');
  const dateHeader = find<HTMLInputElement>('#date-header');

  const showTtl = (seconds: number): void => {
    ttlValue.value = span(seconds * 1000);
    ttl.setAttribute('aria-valuetext', ttlValue.value);
  };
  const showClock = (seconds: number): void => {
    const sign = seconds > 0 ? '+' : seconds < 0 ? '−' : '';
    clockValue.value = sign + span(Math.abs(seconds) * 1000);
    clock.setAttribute('aria-valuetext', clockValue.value);
  };
  const lifetime = (): number => lifetimes[ttl.valueAsNumber] ?? 60;

  // `input` while the handle moves, `change` when it is let go: only then is the server told.
  ttl.addEventListener('input', () => showTtl(lifetime()));
  ttl.addEventListener('change', () => change({ ttlSeconds: lifetime() }));
  clock.addEventListener('input', () => showClock(clock.valueAsNumber));
  clock.addEventListener('change', () => change({ clockOffsetSeconds: clock.valueAsNumber }));
  dateHeader.addEventListener('change', () => change({ dateHeader: dateHeader.checked }));

  return (settings) => {
    ttl.valueAsNumber = closest(settings.ttlSeconds);
    showTtl(settings.ttlSeconds);
    clock.valueAsNumber = settings.clockOffsetSeconds;
    showClock(settings.clockOffsetSeconds);
    dateHeader.checked = settings.dateHeader;
  };
}
