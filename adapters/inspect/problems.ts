/** What went wrong with showing, while whatever is shown goes on undisturbed. */

export type InspectorProblem = {
  readonly reason: /** Made where there is no page: on a server, in a worker. */
    | 'no-window'
    /** The browser let no window open; `open()` from a click will do. */
    | 'popup-blocked'
    /** The page of the viewer could not be loaded. */
    | 'viewer-unavailable'
    /** No WebSocket here, or none that would connect. It goes on trying. */
    | 'not-connected';
  readonly message: string;
};

export type Report = (problem: InspectorProblem) => void;

/** For those who do not listen. */
export const warn: Report = ({ message }) => {
  if (typeof console !== 'undefined') console.warn(`token-lifecycle/inspect: ${message}`);
};

/** A listener that throws is no reason to disturb the machine that is shown. */
export const guarded =
  (report: Report): Report =>
  (problem) => {
    try {
      report(problem);
    } catch {
      // Its own affair.
    }
  };

/** A policy of the page, or a build that left the entry of the viewer out. */
export const viewerUnavailable: InspectorProblem = {
  reason: 'viewer-unavailable',
  message: 'The viewer could not be loaded. Serve it yourself and pass its `url`.',
};
