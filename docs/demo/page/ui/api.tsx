import { useEffect, useState } from 'react';
import { Fact, Panel } from './panel';
import { useDemo, useStore } from './use-demo';

const everyMs = 1_000;

/** A reader like any in an application, once or each second. */
export function Api() {
  const { reader } = useDemo();
  const { read, answer, verified, refused, without } = useStore(reader.readings);
  const [isOften, setOften] = useState(false);
  useEffect(() => {
    if (!isOften) return;
    void reader.call();
    const timer = setInterval(() => void reader.call(), everyMs);
    return () => clearInterval(timer);
  }, [reader, isOften]);
  const hasCalled = verified + refused + without > 0;
  return (
    <Panel title="What the token is for">
      <div className="api-actions">
        <button type="button" id="call-api" onClick={() => void reader.call()}>
          Call <code>/api/me</code>
        </button>
        <label className="switch">
          <input
            type="checkbox"
            id="call-often"
            checked={isOften}
            onChange={({ target }) => setOften(target.checked)}
          />
          <span>every second</span>
        </label>
      </div>
      <dl className="facts">
        <Fact name={<code>getToken()</code>} slot="api-read">
          {read}
        </Fact>
        <Fact name={<code>/api/me</code>} slot="api-answer">
          {answer}
        </Fact>
        <Fact name="So far" slot="api-tally">
          {hasCalled ? `${verified} verified, ${refused + without} not` : 'no calls'}
        </Fact>
      </dl>
      <p className="hint">
        The route has the <a href="/.well-known/jwks.json">public key</a> and nothing else: it checks signature, issuer,
        audience and lifetime, and asks nobody.
      </p>
    </Panel>
  );
}
