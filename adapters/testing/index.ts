export type { ServerBehaviour } from './token-server/behaviour';
export type { TokenServer } from './token-server/create';
export { createTokenServer } from './token-server/create';
export type { TokenServerOptions } from './token-server/options';
export type { Reception } from './token-server/receive';
export type { Call, RecordedRequest } from './token-server/request';
export type { TokenSeen, Trace, TraceEntry, ValueSeen } from './trace';
export type { VirtualClock, VirtualClockOptions } from './virtual-clock';
export { createVirtualClock } from './virtual-clock';
