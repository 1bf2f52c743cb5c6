import { useEffect, useRef, useState } from 'react';

/** The statechart in full, each event and each actor: loaded when somebody wants to see it, and kept from then on. */
export function Inspector({ frame }: { readonly frame: HTMLIFrameElement }) {
  const [isOpen, setOpen] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Put in once: a frame that is moved is loaded anew.
    if (isOpen && frame.parentNode === null) host.current?.append(frame);
  }, [isOpen, frame]);
  return (
    <details className="panel inspector" id="inspector" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h3>Inspector</h3>
        <span className="hint">
          All of it, as <code>token-lifecycle/inspect</code> sends it: charts, events, actors. No token leaves.
        </span>
      </summary>
      <div className="inspector-frame" ref={host} />
    </details>
  );
}
