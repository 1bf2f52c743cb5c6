import type { LifecycleState } from '../../../../index';
import { find } from './dom';

export type SessionActions = {
  signIn(userId: string): Promise<void>;
  signOut(): void;
  refresh(): void;
  endSession(): void;
};

/** The buttons of the session. None appears or goes: what makes no sense now is disabled. */
export function createSessionView(actions: SessionActions): (state: LifecycleState) => void {
  const button = (id: string): HTMLButtonElement => find<HTMLButtonElement>(id);
  const signIns = [button('#sign-in'), button('#sign-in-organization')];
  const others = [button('#sign-out'), button('#refresh'), button('#end-session')];
  let used: HTMLButtonElement | undefined;
  let busy = false;
  let state: LifecycleState['state'] = 'restoring';

  const show = (): void => {
    for (const one of signIns) one.disabled = busy || state !== 'signed-out';
    for (const one of others) one.disabled = state === 'signed-out' || state === 'restoring';
    // A button that is disabled under the focus would throw a keyboard user back to the top of the page.
    if (used?.disabled && [document.body, used].includes(document.activeElement as HTMLElement)) {
      [...signIns, ...others].find((one) => !one.disabled)?.focus();
    }
  };
  for (const one of [...signIns, ...others]) {
    one.addEventListener('click', () => {
      used = one;
    });
  }
  for (const one of signIns) {
    one.addEventListener('click', () => {
      busy = true;
      show();
      void actions.signIn(one.dataset.user ?? '').finally(() => {
        busy = false;
        show();
      });
    });
  }
  button('#sign-out').addEventListener('click', actions.signOut);
  button('#refresh').addEventListener('click', actions.refresh);
  button('#end-session').addEventListener('click', actions.endSession);
  show();

  return (next) => {
    state = next.state;
    show();
  };
}
