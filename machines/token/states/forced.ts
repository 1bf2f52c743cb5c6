/** Forced reads, where a token is held or could be asked for at once (T24, T25). */
type Forced = { readonly event: { readonly forced: boolean } };
const event = ({ event }: Forced): { forced: boolean } => ({ forced: event.forced });

/** The server wants to be left alone, or refused a moment ago: no request comes of insisting. */
export const forcedWhileRefused = {
  guard: { type: 'isForcedWhileRefused', params: event },
  actions: ['noteForced', 'failForced'],
  description: 'A forced read while the server wants to be left alone: the last error, no request.',
  meta: { ids: ['T25', 'R5.8'] },
} as const;

export const forcedRefresh = {
  guard: { type: 'isForcedRead', params: event },
  target: 'refreshing',
  actions: ['noteForced', { type: 'dueTo', params: { cause: 'forced' } }],
  description: 'A forced read. Plain readers keep the held token, also if this fails.',
  meta: { ids: ['T24'] },
} as const;
