import { createTokenInspector } from '../../../../adapters/inspect';
import type { LifecycleOptions } from '../../../../index';

export type Inspector = {
  /** Empty until it is put into the page: only then the viewer is loaded, and hears what happened before. */
  readonly frame: HTMLIFrameElement;
  readonly inspect: NonNullable<LifecycleOptions['inspect']>;
};

/** Enough for an hour of a demo. */
const keepEvents = 5_000;

/** The viewer of docs/viewer in a frame, fed with what `token-lifecycle/inspect` lets through. */
export function createInspector(): Inspector {
  const frame = document.createElement('iframe');
  frame.title = 'The inspector’s viewer';
  const { inspect } = createTokenInspector({ to: frame, url: '/viewer', name: 'demo', keepEvents });
  return { frame, inspect };
}
