import { useLayoutEffect, useRef, useState } from 'react';
import { useTokenLifecycle, useTokenState } from '../../../../adapters/react';
import { Panel } from './panel';
import { attempt, useDemo } from './use-demo';

/** A button that is disabled under the focus would throw a keyboard user back to the top of the page: the next one gets it. */
function useKeptFocus() {
  const buttons = useRef<HTMLDivElement>(null);
  const used = useRef<HTMLButtonElement | null>(null);
  useLayoutEffect(() => {
    const last = used.current;
    if (!last?.disabled || ![document.body, last].includes(document.activeElement as HTMLElement)) return;
    buttons.current?.querySelector<HTMLButtonElement>('button:enabled')?.focus();
  });
  return { ref: buttons, remember: (button: HTMLButtonElement) => (used.current = button) };
}

/** The buttons of the session. None appears or goes: what makes no sense now is disabled. */
export function Session() {
  const { controls } = useDemo();
  const tokens = useTokenLifecycle();
  const state = useTokenState(({ state }) => state);
  const [isBusy, setBusy] = useState(false);
  const { ref, remember } = useKeptFocus();
  const signIn = (userId: string) => async (): Promise<void> => {
    setBusy(true);
    await controls.signIn(userId).then(
      (session) => tokens.signIn({ session }),
      () => undefined,
    );
    setBusy(false);
  };
  const isOut = state === 'signed-out';
  const isIn = !isOut && state !== 'restoring';
  return (
    <Panel title="Session" className="session">
      <div
        className="buttons"
        ref={ref}
        onClickCapture={({ target }) => target instanceof HTMLButtonElement && remember(target)}
      >
        <button type="button" className="primary" id="sign-in" disabled={!isOut || isBusy} onClick={signIn('user_ada')}>
          Sign in as Ada
        </button>
        <button
          type="button"
          id="sign-in-organization"
          title="A member of an organization: her tokens carry org_id."
          disabled={!isOut || isBusy}
          onClick={signIn('user_grace')}
        >
          as Grace
        </button>
        <button type="button" id="sign-out" disabled={!isIn} onClick={() => attempt(tokens.signOut())}>
          Sign out
        </button>
        <button type="button" id="refresh" disabled={!isIn} onClick={() => attempt(tokens.refresh())}>
          Refresh now
        </button>
        <button
          type="button"
          id="end-session"
          title="As an administrator would. The browser learns of it at its next mint."
          disabled={!isIn}
          onClick={() => attempt(controls.endSession())}
        >
          Revoke on the server
        </button>
        <button
          type="button"
          id="replay"
          title="As who has copied the session cookie would: it is used up after a mint, so the server takes a second use for theft."
          disabled={!isIn}
          onClick={() => attempt(controls.replay())}
        >
          Replay a used credential
        </button>
      </div>
    </Panel>
  );
}
