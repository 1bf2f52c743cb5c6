/** The page: one lifecycle, and the views that show what it does. */
import type { HistoryEntry, LifecycleState } from '../../../index';
import { followServer } from './feed';
import { watchGoals } from './goals';
import { createTokens } from './lifecycle';
import { createNetwork } from './network';
import { createControls } from './server';
import { statesSince } from './steps';
import { createApiView } from './view/api';
import { createChecklist } from './view/checklist';
import { createCookieView } from './view/cookie';
import { createDiagram } from './view/diagram';
import { find } from './view/dom';
import { createFactsView } from './view/facts';
import { createFaultsView } from './view/faults';
import { createLifeView } from './view/life';
import { lifeOf } from './view/life-of';
import { createNetworkView } from './view/network';
import { createPace } from './view/pace';
import { createRequestsView } from './view/requests';
import { createServerSettingsView } from './view/server-settings';
import { createSessionView } from './view/session';
import { createStateView } from './view/state';
import { createTicker } from './view/ticker';
import { createTimeline } from './view/timeline';
import { createTransitionsView } from './view/transitions';

const network = createNetwork();
const tokens = createTokens(network);
const controls = createControls(network);

/** Where a click fails, the lists on the page say why; nobody is helped by an unhandled rejection. */
const attempt = (work: Promise<unknown>): void => void work.catch(() => undefined);

const facts = createFactsView();
const stateView = createStateView();
const diagram = createDiagram();
/** Name and chart are shown step by step; everything else is as it is. */
const steps = createPace<LifecycleState['state']>((state) => {
  stateView(state);
  diagram(state);
});
const life = createLifeView();
const timeline = createTimeline();
const cookie = createCookieView();
const transitions = createTransitionsView();
const requests = createRequestsView();
const goals = watchGoals(createChecklist());
const explanation = find('#explain');
explanation.tabIndex = 0;
const session = createSessionView({
  signIn: (userId) =>
    controls.signIn(userId).then(
      (signedIn) => tokens.signIn({ session: signedIn }),
      () => undefined,
    ),
  signOut: () => attempt(tokens.signOut()),
  refresh: () => attempt(tokens.refresh()),
  endSession: () => attempt(controls.endSession()),
});
const faults = createFaultsView((fault) => attempt(controls.change({ fault })));
const serverSettings = createServerSettingsView((settings) => attempt(controls.change(settings)));
createNetworkView(network);
createApiView(tokens, network);

let lastStep: HistoryEntry | undefined;

function show(state: LifecycleState): void {
  facts.update(state);
  const history = tokens.history();
  steps.push([...statesSince(history, lastStep), state.state]);
  lastStep = history.at(-1);
  timeline.update(state.state, Date.now());
  session(state);
  goals.state(state);
  transitions(history);
  explanation.textContent = tokens.explain();
  cookie();
  life.update(lifeOf(state));
}

tokens.subscribe(() => show(tokens.getState()));
show(tokens.getState());
createTicker((nowMs) => {
  facts.tick(nowMs);
  life.tick(nowMs + (tokens.getState().clockOffsetMs ?? 0));
  timeline.tick(nowMs);
  cookie();
});
followServer({
  settings: (settings) => {
    faults(settings);
    serverSettings(settings);
  },
  requests: (entries) => {
    requests(entries);
    goals.requests(entries);
  },
});
tokens.start();
// Without it (a private window may refuse) the page works, but does not open offline.
attempt(Promise.resolve(navigator.serviceWorker?.register('/sw.js')));
