import type { Fault } from '../../server/settings';
import { Choice, type Option } from './choice';
import { Panel } from './panel';
import { attempt, useDemo, useStore } from './use-demo';

const options: readonly Option<Fault>[] = [
  { value: 'none', name: 'Healthy', text: 'It answers as it should.' },
  {
    value: 'outage',
    name: '422 outage',
    text: 'An edge stands in for the origin and mints from the last token, expired or not.',
  },
  { value: 'broken', name: '500', text: 'The origin has a bug, and answers with an error.' },
  { value: 'unavailable', name: '503', text: 'The origin is down, and its proxy says so in JSON.' },
  { value: 'rate-limited', name: '429', text: 'Too many requests: Retry-After asks for 10 seconds.' },
  { value: 'html', name: 'HTML 502', text: 'A proxy answers with a page of its own.' },
  { value: 'slow', name: 'Slow', text: 'An answer comes, after 4 seconds.' },
  { value: 'hang', name: 'Hang', text: 'No answer ever comes; the client gives up after 6 seconds.' },
  { value: 'empty', name: 'Empty 200', text: 'Success, says the status; there is no token in it.' },
  { value: 'dropped', name: 'Dropped', text: 'The connection is cut before the request is looked at.' },
  { value: 'lost', name: 'Lost answer', text: 'The token is minted, and the connection cut before it arrives.' },
];

/** The origin's faults, one at a time. Sign-in, sign-out and the API are never touched. */
export function OriginFaults() {
  const { feed, controls } = useDemo();
  const { fault } = useStore(feed.settings);
  return (
    <Panel title="Origin">
      <Choice
        name="fault"
        label="How the token endpoint behaves"
        className="faults"
        options={options}
        value={fault}
        onChoose={(chosen) => attempt(controls.change({ fault: chosen }))}
      />
      <p className="hint fault-meaning" data-slot="fault">
        {options.find(({ value }) => value === fault)?.text}
      </p>
    </Panel>
  );
}
