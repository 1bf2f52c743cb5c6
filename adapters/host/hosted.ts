/**
 * The machines with the work that the host does for them. Made once, since making them takes longer than a refresh, and a pool
 * has a run per session. Whose work it is, the actor system says.
 */
import { type ActorSystem, type ActorSystemInfo, fromPromise } from 'xstate';
import type {
  Confirmation,
  MintInput,
  MintOutcome,
  Restored,
  Session,
  TurnInput,
  TurnOutcome,
} from '../../machines/events';
import type { TokenFacts } from '../../machines/held-token';
import type { SessionVerdict, TokenKey } from '../../machines/ports';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';

type Job<Output, Input> = (asked: { readonly input: Input; readonly signal: AbortSignal }) => Promise<Output>;

/** What the machines ask for, by the names that they ask by. */
export type Work = {
  readonly restore: Job<Restored, { readonly session: Session | null }>;
  readonly checkSession: Job<SessionVerdict | 'nobody', { readonly sessionId: string }>;
  readonly recall: Job<TokenFacts | null, { readonly key: TokenKey }>;
  readonly turn: Job<TurnOutcome, TurnInput>;
  readonly mint: Job<MintOutcome, MintInput>;
  readonly confirmSession: Job<Confirmation, { readonly sessionId: string }>;
};

type Output<Name extends keyof Work> = Awaited<ReturnType<Work[Name]>>;
type Input<Name extends keyof Work> = Parameters<Work[Name]>[0]['input'];

const works = new WeakMap<ActorSystem<ActorSystemInfo>, Work>();

const passedOn = <Name extends keyof Work>(name: Name) =>
  fromPromise<Output<Name>, Input<Name>>(({ system, input, signal }) => {
    const work = works.get(system);
    if (!work) throw new Error(`Nobody works for this actor: ${name}.`);
    return (work[name] as Job<Output<Name>, Input<Name>>)({ input, signal });
  });

/** Create an actor of it, then `workFor` that, then start it. */
export const hostedMachine = sessionMachine.provide({
  actors: {
    restore: passedOn('restore'),
    checkSession: passedOn('checkSession'),
    token: tokenMachine.provide({
      actors: {
        recall: passedOn('recall'),
        turn: passedOn('turn'),
        mint: passedOn('mint'),
        confirmSession: passedOn('confirmSession'),
      },
    }),
  },
});

export function workFor({ system }: { readonly system: ActorSystem<ActorSystemInfo> }, work: Work): void {
  works.set(system, work);
}
