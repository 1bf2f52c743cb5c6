import { type Band, windowMs } from '../model/bands';
import { useDemo, useStore } from './use-demo';
import { useNow } from './use-now';

/** A refresh takes a few milliseconds: it is drawn as long as this, over its neighbour, or nobody would see it. */
const leastMs = 700;

const isShort = ({ from, until }: Band): boolean => until !== null && until - from < leastMs;

/** The states of the last two minutes as a band that moves to the left. */
export function Timeline() {
  const bands = useStore(useDemo().bands);
  const now = useNow();
  const left = ({ from }: Band): number => Math.max(0, windowMs - (now - from));
  const inOrder = [...bands.filter((band) => !isShort(band)), ...bands.filter(isShort)];
  return (
    <div className="past">
      <div className="timeline" id="timeline" role="img" aria-label="States of the last two minutes">
        <svg viewBox={`0 0 ${windowMs} 1`} preserveAspectRatio="none" aria-hidden="true">
          {inOrder.map((band) => (
            <rect
              key={`${band.from} ${band.state}`}
              className="band"
              data-state={band.state}
              x={left(band)}
              y={0}
              height={1}
              width={Math.max(leastMs, windowMs - (now - (band.until ?? now)) - left(band))}
            />
          ))}
        </svg>
      </div>
      <p className="timeline-scale">
        <span>2 min ago</span>
        <span>now</span>
      </p>
    </div>
  );
}
