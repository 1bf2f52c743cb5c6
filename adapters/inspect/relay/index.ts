/** Entry `token-lifecycle/inspect/relay`, for Node. Needs the optional peer `ws`. */
export type { InspectorRelay } from './create';
export { createInspectorRelay } from './create';
export type { InspectorRelayOptions } from './options';
