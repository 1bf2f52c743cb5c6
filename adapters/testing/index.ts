export type { ExploreOptions, ExploreReport, JobOutcome } from './explore/explore';
export { explore, replay } from './explore/explore';
export type { LifecycleExplorationOptions, SceneName } from './explore/lifecycle/exploration';
export { lifecycleExploration, sceneNames } from './explore/lifecycle/exploration';
export type { Choice, Explored, Hands } from './explore/machine-system';
export { replaySystem } from './explore/replay';
export type { SearchOptions, SearchReport } from './explore/search';
export { search as exploreSystem } from './explore/search';
export { sessionExploration } from './explore/session/exploration';
export type { Invariant, Landing, Move, ProgressLaw, SafetyLaw, Step, System } from './explore/system';
export type { TabsExploration } from './explore/tabs/system';
export { tabsExploration } from './explore/tabs/system';
export type { ReplayFile, TraceStep, Violation as ExploreViolation } from './explore/trace';
export { formatTrace } from './format-trace';
export { formatViolation } from './invariants/format-violation';
export { checkTrace, invariants } from './invariants/index';
export { recoveryMs } from './invariants/last-seen';
export type { CheckOptions, InvariantId, Violation, WorldInvariant } from './invariants/types';
export type {
  EventExecutors,
  LifecycleModel,
  LifecycleModelOptions,
  ModelPath,
  PathOptions,
  StateChecks,
} from './model/create';
export { createLifecycleModel } from './model/create';
export type { ModelEvent, ModelEventType, ModelStateName } from './model/machine';
export { assertInvariants } from './simulate/assert-invariants';
export type { Family } from './simulate/families';
export { formatSchedule } from './simulate/format-schedule';
export { planSchedule } from './simulate/plan';
export type { Played, PlayOptions } from './simulate/run-schedule';
export { runSchedule } from './simulate/run-schedule';
export type { Deed, Schedule, Setting, Step as ScheduleStep } from './simulate/schedule';
export type { SimulatedViolation, SimulatedWorld, SimulateOptions, SimulationResult } from './simulate/simulate';
export { simulate, simulateWorld } from './simulate/simulate';
export type { ServerBehaviour } from './token-server/behaviour';
export type { TokenServer } from './token-server/create';
export { createTokenServer } from './token-server/create';
export type { RecordedHandshake } from './token-server/handshake/issuer';
export type { HandshakeIssuerOptions } from './token-server/handshake/options';
export type { TokenServerOptions } from './token-server/options';
export type { Reception } from './token-server/receive';
export type { Call, RecordedRequest } from './token-server/request';
export type { TokenSeen, Trace, TraceEntry, ValueSeen } from './trace';
export type { VirtualClock, VirtualClockOptions } from './virtual-clock';
export { createVirtualClock } from './virtual-clock';
export type { World } from './world/create';
export { createWorld } from './world/create';
export type { LockFault, MessageFault, NetworkFault, StorageFault, WorldFaults } from './world/faults';
export type { WorldOptions } from './world/options';
export type { Read, ReadOutcome } from './world/reads';
export type { Tab } from './world/tab';
