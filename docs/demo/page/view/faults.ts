import type { DemoSettings, Fault } from '../../server/settings';
import { find, make, slot } from './dom';

const choices: readonly (readonly [Fault, string, string])[] = [
  ['none', 'Healthy', 'It answers as it should.'],
  ['outage', '422 outage', 'An edge stands in for the origin and mints from the last token, expired or not.'],
  ['unavailable', '503', 'The origin is down, and its proxy says so in JSON.'],
  ['rate-limited', '429', 'Too many requests: come back in 10 seconds.'],
  ['html', 'HTML 502', 'A proxy answers with a page of its own.'],
  ['slow', 'Slow', 'An answer comes, after 4 seconds.'],
  ['hang', 'Hang', 'No answer ever comes; the client has to give up.'],
  ['empty', 'Empty 200', 'Success, says the status; there is no token in it.'],
  ['dropped', 'Dropped', 'The connection is cut in the middle of the request.'],
];

/** The origin's faults, one at a time. Sign-in, sign-out and the API are never touched. */
export function createFaultsView(choose: (fault: Fault) => void): (settings: DemoSettings) => void {
  const root = find('#faults');
  const meaning = slot('fault');
  const inputs = new Map<Fault, HTMLInputElement>();
  for (const [fault, name, text] of choices) {
    const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'fault', value: fault });
    input.className = 'fault-input';
    input.addEventListener('change', () => choose(fault));
    inputs.set(fault, input);
    const label = make('label', 'fault', undefined, [input, make('span', '', name)]);
    label.title = text;
    root.append(label);
  }
  return ({ fault }) => {
    const input = inputs.get(fault);
    if (input) input.checked = true;
    meaning(choices.find(([one]) => one === fault)?.[2] ?? '');
  };
}
