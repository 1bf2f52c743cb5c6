/** Listens to a lifecycle as an application would: events, states, log lines. */
import type { Logger } from '../../../machines/ports';
import type { LifecycleEvents, TokenLifecycle } from '../../host/types';
import { leakIn } from '../see';
import type { EventSeen } from '../trace';
import type { Process } from './process';
import type { Noted, Recorder } from './recorder';

const eventTypes: readonly (keyof LifecycleEvents)[] = [
  'token.updated',
  'session.signedIn',
  'session.signedOut',
  'status.changed',
  'refresh.started',
  'refresh.succeeded',
  'refresh.failed',
  'adapter.failed',
];

/** Everything in it that could be printed; what JSON leaves out of an error is added. */
function textOf(event: object): string {
  const { error } = event as { error?: { message?: string; cause?: unknown; stack?: string } | null };
  const text = JSON.stringify(event);
  return error ? `${text} ${error.message} ${error.stack} ${JSON.stringify(error.cause)}` : text;
}

export function createObserver({ note }: Recorder) {
  function audit(tab: number, where: string, text: string): void {
    const fingerprint = leakIn(text);
    if (fingerprint !== null) note(tab, { is: 'leak', where, fingerprint });
  }

  return {
    /** @returns what notes the state as it is now */
    observe: (
      tab: number,
      process: Process,
      tokens: TokenLifecycle,
      signedOut: (sessionId: string | null) => void,
    ): (() => void) => {
      for (const type of eventTypes) {
        tokens.on(type, (event) => {
          if (process.state === 'dead') return;
          note(tab, { is: 'event', type, event } as Noted & Pick<EventSeen, 'type'>);
          audit(tab, type, textOf(event));
          if (type === 'session.signedOut')
            signedOut((event as LifecycleEvents['session.signedOut']).session?.id ?? null);
        });
      }
      const noteState = (): void => {
        if (process.state === 'dead') return;
        const now = tokens.getState();
        note(tab, {
          is: 'state',
          state: now.state,
          substate: now.substate,
          status: now.status,
          serving: now.serving,
          fingerprint: now.fingerprint,
          expiresAt: now.expiresAt,
          attempt: now.attempt,
          nextAttemptAt: now.nextAttemptAt,
          sessionId: now.sessionId,
          organizationId: now.organizationId,
          clockOffsetMs: now.clockOffsetMs,
        });
      };
      tokens.subscribe(noteState);
      return noteState;
    },
    logger: (tab: number): Logger => {
      const line = (message: string, details?: object): void =>
        audit(tab, 'log', details ? `${message} ${textOf(details)}` : message);
      return { debug: line, warn: line, error: line };
    },
  };
}

export type WorldObserver = ReturnType<typeof createObserver>;
