/** Entry `token-lifecycle/inspect`. Needs the optional peer `@statelyai/inspect`. */
export type { TokenInspector } from './create';
export { createTokenInspector } from './create';
export type { TokenInspectorOptions } from './options';
export type { InspectorProblem } from './problems';
export type { Socket, SocketConstructor } from './targets/socket';
