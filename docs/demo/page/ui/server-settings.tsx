import { useState } from 'react';
import { span } from '../model/format';
import { Choice, type Option } from './choice';
import { Panel } from './panel';
import { attempt, useDemo, useStore } from './use-demo';

/** Stops of the slider: short ones for watching, long ones for the feel of the real thing. */
const lifetimes = [10, 15, 20, 30, 60, 90, 120, 180, 300, 600];

const clocks: readonly Option<'-300' | '0' | '300'>[] = [
  { value: '-300', name: '−5 min', text: 'Five minutes behind: this computer is ahead of it.' },
  { value: '0', name: 'right', text: 'As this computer’s clock.' },
  { value: '300', name: '+5 min', text: 'Five minutes ahead: this computer is behind it.' },
];

const stopOf = (seconds: number): number => {
  const distances = lifetimes.map((stop) => Math.abs(stop - seconds));
  return distances.indexOf(Math.min(...distances));
};

/** Shown while the handle moves; the server is told when it is let go. */
function Lifetime() {
  const { feed, controls } = useDemo();
  const { ttlSeconds } = useStore(feed.settings);
  const [moved, setMoved] = useState<number | null>(null);
  const seconds = moved === null ? ttlSeconds : (lifetimes[moved] ?? ttlSeconds);
  const letGo = (): void => {
    if (moved !== null) attempt(controls.change({ ttlSeconds: seconds }));
    setMoved(null);
  };
  return (
    <label className="slider" htmlFor="ttl">
      <span>Lifetime of the next token</span>
      <output htmlFor="ttl" id="ttl-value">
        {span(seconds * 1000)}
      </output>
      <input
        type="range"
        id="ttl"
        min={0}
        max={lifetimes.length - 1}
        step={1}
        value={stopOf(seconds)}
        aria-valuetext={span(seconds * 1000)}
        onChange={({ target }) => setMoved(target.valueAsNumber)}
        onPointerUp={letGo}
        onKeyUp={letGo}
        onBlur={letGo}
      />
    </label>
  );
}

/** Lifetime and clock of the server. */
export function ServerSettings() {
  const { feed, controls } = useDemo();
  const { clockOffsetSeconds, dateHeader } = useStore(feed.settings);
  const clock = clocks.find(({ value }) => Number(value) === clockOffsetSeconds)?.value ?? '0';
  return (
    <Panel title="Server">
      <Lifetime />
      <p className="choice-title">Its clock is</p>
      <Choice
        name="clock"
        label="The server’s clock"
        className="clocks"
        options={clocks}
        value={clock}
        onChoose={(value) => attempt(controls.change({ clockOffsetSeconds: Number(value) }))}
      />
      <label className="switch">
        <input
          type="checkbox"
          id="date-header"
          checked={dateHeader}
          onChange={({ target }) => attempt(controls.change({ dateHeader: target.checked }))}
        />
        <span>
          Answers carry a <code>Date</code>
        </span>
      </label>
    </Panel>
  );
}
