/** `token-lifecycle/testing/fast-check`: apart from the rest of the kit, since only this needs fast-check. */
export type { ScheduleArbitraryOptions } from './schedule';
export { scheduleArbitrary } from './schedule';
