import type { sessionMachine } from '../../../../machines/session/machine';
import type { Choice, Explored } from '../machine-system';

export type SessionMachine = typeof sessionMachine;
export type SessionState = Explored<SessionMachine, undefined>;
export type SessionChoice = Choice<SessionMachine, undefined>;
