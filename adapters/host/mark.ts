/**
 * The marks of single-use credentials that are being spent, or were sent and never answered: one for each session, the newest
 * first (R5.14). Pure.
 */
import type { SharedRecord } from '../../machines/ports';

export type Mark = NonNullable<SharedRecord['inFlight']>;

/** More sessions than that have nothing in flight in one browser. */
const remembered = 20;

const marksIn = ({ inFlight, inFlightToo = [] }: SharedRecord): readonly Mark[] =>
  inFlight ? [inFlight, ...inFlightToo] : inFlightToo;

/** One that does not say whose it is may be anybody's. */
const isOf = ({ sessionHash = '' }: Mark, session: string): boolean => sessionHash === '' || sessionHash === session;

function withMarks({ inFlight: _, inFlightToo: __, ...rest }: SharedRecord, marks: readonly Mark[]): SharedRecord {
  const [inFlight, ...others] = marks.slice(0, remembered);
  return { ...rest, ...(inFlight && { inFlight }), ...(others.length > 0 && { inFlightToo: others }) };
}

/** @param session hashed */
export const markOf = (record: SharedRecord, session: string): Mark | undefined =>
  marksIn(record).find((mark) => isOf(mark, session));

export const withoutMark = (record: SharedRecord, session: string): SharedRecord =>
  withMarks(
    record,
    marksIn(record).filter((mark) => !isOf(mark, session)),
  );

/** In place of the one that this session had. */
export const withMark = (record: SharedRecord, mark: Mark & { readonly sessionHash: string }): SharedRecord =>
  withMarks(record, [mark, ...marksIn(withoutMark(record, mark.sessionHash))]);

/** The request that it stands for will not be answered any more; whether it spent the credential, nobody knows. */
export const lost = (mark: Mark, wallMs: number): Mark => ({ ...mark, deadline: Math.min(mark.deadline, wallMs) });

/** Whether it was this tab that marked the credential as being spent. */
export const isOfTab = ({ owner }: Mark, tabId: string): boolean => owner.startsWith(`${tabId}.`);
