import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Copied } from '../trace/as-test';
import { shortcuts } from './shortcuts';

type DialogProps = { readonly title: string; readonly close: () => void; readonly children: ReactNode };

function Dialog({ title, close, children }: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={close}>
      <header className="panel-head">
        <h2>{title}</h2>
        <span className="grow" />
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** The test, to be read before it is taken along. */
export function CopyDialog({ copied, close }: { readonly copied: Copied; readonly close: () => void }): ReactNode {
  const [said, setSaid] = useState('');
  const text = useRef<HTMLTextAreaElement>(null);
  if (copied.is === 'impossible') {
    return (
      <Dialog title="Copy as a test" close={close}>
        <p className="dialog-text">{copied.reason}</p>
      </Dialog>
    );
  }
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(copied.text);
      setSaid('Copied.');
    } catch {
      // A frame may not be allowed to write to the clipboard; the reader is.
      text.current?.select();
      setSaid('Selected: copy it by keyboard.');
    }
  };
  return (
    <Dialog title="Copy as a test" close={close}>
      <p className="dialog-text">
        It sends the machine what it heard here, and compares states. Save it as a file that ends in{' '}
        <code>.test.ts</code>.
      </p>
      <textarea ref={text} readOnly spellCheck={false} aria-label="Test" value={copied.text} />
      <p className="dialog-foot">
        <button type="button" className="main" onClick={() => void copy()}>
          Copy
        </button>
        <span role="status">{said}</span>
      </p>
    </Dialog>
  );
}

export function HelpDialog({ close }: { readonly close: () => void }): ReactNode {
  return (
    <Dialog title="Keyboard shortcuts" close={close}>
      <dl className="shortcuts">
        {shortcuts.map(({ keys, says }) => (
          <div key={says}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
