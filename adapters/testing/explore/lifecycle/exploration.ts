/** Our own token machine, ready to be explored: scenes that together show everything that may happen to one key. */

import { checkOneOf } from '../../../../machines/check';
import { localClock } from '../../../../machines/server-time';
import type { Credential } from '../../../../machines/token/context';
import type { ExploreOptions } from '../explore';
import { happenings } from './happenings';
import { type Detail, tokenKey } from './key';
import { lifecycleLaws } from './laws';
import { absorb, nobody } from './readers';
import { fast, growing, type Scale, smallest } from './scale';
import { nowOf, seenOf, type TokenMachine, type TokenWorld } from './world';

type Scene = {
  /** What is special about it. */
  readonly says: string;
  readonly scale: Scale;
  /** Moves that are left out, by their ids: another scene has them. */
  readonly without: RegExp;
  readonly detail?: Detail;
  readonly credential?: Credential;
  /** There are other tabs. */
  readonly shared?: boolean;
};

const siblings = 'floor|outage begins|outage ends';
const page = 'hide|show|wake';
const aged = 'mint: brings an aged token|mint: brings an expired token';
const refusals =
  'mint: fails: 40|confirmSession|mint: brings a token of another session|mint: breaks|mint: brings an empty';
const sessions = 'sign';

const only = (...left: readonly string[]): RegExp => new RegExp(`^(${left.join('|')})`);

/** Each is exhaustive; what one leaves out another has. */
const scenes = {
  tab: {
    says: 'everything that may happen to one key; waits that do not grow',
    scale: smallest,
    // An unlisted code with nobody to ask leads where "the session is there" leads.
    without: only(siblings, aged, 'mint: fails: 401$'),
  },
  siblings: {
    says: 'other keys of the session find outages and are told to wait; the status counts',
    scale: smallest,
    without: only(page, aged, refusals, sessions, 'sleep', 'stall'),
    detail: { status: true },
  },
  aged: {
    says: 'tokens arrive aged or expired, and the computer sleeps',
    scale: smallest,
    without: only(siblings, page, 'mint: fails: 40', 'mint: breaks', 'rejected', sessions),
    detail: { proof: true },
  },
  growing: {
    says: 'waits that grow, and budgets of several tries',
    scale: growing,
    without: only(siblings, page, aged, refusals, sessions, 'stall', 'sleep', 'force', 'rejected', 'mint: fails: 4'),
  },
  storm: {
    says: 'everything fails, fast, on a link that flaps: the window of S9',
    scale: fast,
    without: only(
      siblings,
      page,
      aged,
      refusals,
      sessions,
      'stall',
      'sleep',
      'read',
      'rejected',
      'mint: brings (an |the |a token)',
      'mint: fails: 4',
    ),
    detail: { tries: true },
  },
  peers: {
    says: 'other tabs mint, fail, and send what they like',
    scale: smallest,
    without: only(
      siblings,
      aged,
      sessions,
      'stall',
      'sleep',
      'mint: brings (an |the )',
      'mint: fails: 40',
      'mint: breaks',
      'rejected',
    ),
    shared: true,
  },
  rotating: {
    says: 'a single-use credential, and answers that get lost',
    scale: smallest,
    without: only(siblings, page, aged, sessions, 'stall', 'sleep', 'rejected', 'mint: fails: 403', 'mint: breaks'),
    credential: { kind: 'rotating', reuseGraceMs: smallest.stepMs },
  },
} satisfies Record<string, Scene>;

export type SceneName = keyof typeof scenes;

/** The names of all scenes. */
export const sceneNames = Object.keys(scenes) as readonly SceneName[];

/** What a scene is about, in one line. */
export const sceneSays = (scene: SceneName): string => scenes[scene].says;

export type LifecycleExplorationOptions = {
  /** Default `tab`. */
  readonly scene?: SceneName;
  /** States after which it gives up. */
  readonly limit?: number;
};

/**
 * What `explore` and `replay` need to know of the token machine, or of a changed copy of it.
 *
 * @param options.scene which part of the world; `sceneNames` lists them
 * @throws ConfigurationError for a scene that there is not
 * @example explore(tokenMachine, lifecycleExploration()).violation // null
 * @example explore(tokenMachine.provide({ guards: { isPausing: () => false } }), lifecycleExploration()).violation
 */
export function lifecycleExploration({
  scene = 'tab',
  limit,
}: LifecycleExplorationOptions = {}): ExploreOptions<TokenMachine, TokenWorld> {
  checkOneOf('lifecycleExploration.scene', scene, sceneNames);
  const { scale, without, detail, credential, shared = false }: Scene = scenes[scene];
  const world: TokenWorld = {
    name: '',
    scale,
    sleptMs: 0,
    serverAheadMs: 0,
    online: true,
    presence: 'focused',
    hiddenSince: null,
    waiting: nobody,
    silentUntil: 0,
    failedStarts: [],
    lastStart: 0,
    tokens: 0,
  };
  const now = nowOf({ at: 0, world });
  const input = {
    key: { sessionId: 'session 1' },
    active: true,
    policy: scale.policy,
    seen: seenOf({ at: 0, world }),
    clock: { ...localClock, evidence: 'date', proof: { serverMs: now.wallMs, at: now, trusted: true } },
    sharing: { turns: shared, peers: shared },
    ...(credential && { credential }),
  } as const;
  return {
    starts: [{ id: 'start', says: 'a page opens, and a session is known', input, world }],
    events: (state) => happenings(state).filter(({ id }) => !without.test(id)),
    absorb,
    key: (state) => tokenKey(state, detail),
    describe: ({ snapshot }) => placeOf(snapshot.value),
    invariants: lifecycleLaws,
    ...(limit !== undefined && { limit }),
  };
}

/** `refreshing.minting, readers wait` */
export function placeOf(value: unknown): string {
  const names: string[] = [];
  for (let here = value; here !== undefined; ) {
    if (typeof here === 'string') {
      names.push(here);
      break;
    }
    const [name, inner] = Object.entries(here as Record<string, unknown>)[0] ?? [];
    if (name !== undefined) names.push(name);
    here = inner;
  }
  const last = names.at(-1);
  if (last !== 'serving' && last !== 'waiting') return names.join('.');
  return `${names.slice(0, -1).join('.')}, readers ${last === 'serving' ? 'are served' : 'wait'}`;
}
