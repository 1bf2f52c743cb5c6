/**
 * Whether readers are served, as two substates that every state with a token has: derived from token and clock, visible
 * as tags. Moving between them re-enters nothing above, so a running mint goes on (T30).
 */
import { tokenSetup } from '../setup';

/** While a mint may still succeed, a token that is about to expire is kept from readers. */
export const servedToCutoff = tokenSetup.createStateConfig({
  initial: 'serving',
  states: {
    serving: {
      description: 'Readers get the held token at once.',
      meta: { ids: ['R4.3', 'R4.4'] },
      tags: ['serving'],
      always: {
        guard: 'isWithheld',
        target: 'waiting',
        description: 'The held token is about to expire (or an API refused it): readers wait. A running mint goes on.',
        meta: { ids: ['T30'] },
      },
      after: {
        untilExpiring: {
          target: 'serving',
          reenter: true,
          description: 'The timer was shorter than the life left (clock set back, or clamped): armed again.',
          meta: { ids: ['T30', 'R9.16'] },
        },
      },
    },
    waiting: {
      description: 'The held token is expiring, expired, refused by an API, or absent: readers wait for the mint.',
      meta: { ids: ['R4.5', 'R4.6'] },
      tags: ['waiting'],
      always: {
        guard: 'isServable',
        target: 'serving',
        description: 'The clock was corrected, or a token came that serves meanwhile.',
        meta: { ids: ['R9.1', 'R9.8'] },
      },
      after: {
        untilExpired: {
          description: 'The held token has expired: `peek` is told, whatever the wall clock says.',
          meta: { ids: ['T30', 'R4.10'] },
        },
      },
    },
  },
});

/** Where the mint has failed already, the held token is the last resort until it expires. */
export const servedToExpiry = tokenSetup.createStateConfig({
  initial: 'serving',
  states: {
    serving: {
      description: 'Readers get the held token at once, as long as it is unexpired.',
      meta: { ids: ['R4.1', 'R4.6'] },
      tags: ['serving'],
      always: {
        guard: 'isExpired',
        target: 'waiting',
        description: 'The held token has expired: from now on readers wait. Whatever runs goes on.',
        meta: { ids: ['T30'] },
      },
      after: {
        untilExpired: {
          target: 'serving',
          reenter: true,
          description: 'The timer was shorter than the life left (clock set back, or clamped): armed again.',
          meta: { ids: ['T30', 'R9.16'] },
        },
      },
    },
    waiting: {
      description: 'Nothing can be served: readers wait for what this state comes to.',
      meta: { ids: ['R4.5', 'R4.9'] },
      tags: ['waiting'],
      always: {
        guard: 'isUnexpired',
        target: 'serving',
        description: 'The clock was corrected, and the held token is still good.',
        meta: { ids: ['R9.1'] },
      },
    },
  },
});
