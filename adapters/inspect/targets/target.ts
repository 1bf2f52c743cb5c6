/** Where redacted events go. */
import type { StatelyInspectionEvent } from '@statelyai/inspect';

/** An adapter of `@statelyai/inspect`. What it is given has been redacted; what it does before `start()` is nothing. */
export type Target = {
  start(): void;
  /** Opens or opens again what shows the events. */
  open(): boolean;
  send(event: StatelyInspectionEvent): void;
  /** Nothing is sent, armed or listened to afterwards. */
  stop(): void;
};
