/** The verdict over a minted token, and the laws of a held one, at their edges (§7). */
import { describe, expect, it } from 'vitest';
import { beats, type JudgingContext, judgeMint, type MintedToken, mismatch } from '../../machines/acceptance';
import { cutoffMs, freshnessOrder, leadMs, type Moment, staleAtMs, type TokenFacts } from '../../machines/held-token';
import { defaultPolicy } from '../../machines/policy';
import { localClock } from '../../machines/server-time';
import { facts, startMs } from './support';

const now = { wallMs: startMs, monotonicMs: 0 };
const at: Moment = { policy: defaultPolicy, clock: localClock, now };

/** What a mint brought just now, issued `ageMs` ago. */
const minted = (ageMs: number, more: Partial<MintedToken> = {}): MintedToken => {
  const { from: _, ...token } = facts(ageMs);
  return { ...token, expiresInMs: null, serverDate: null, sentAt: now, receivedAt: now, ...more };
};

const judge = (token: MintedToken, context: Partial<JudgingContext> = {}) => {
  const { clock: _, ...verdict } = judgeMint(
    {
      key: { sessionId: 'sess_1' },
      policy: defaultPolicy,
      clock: localClock,
      held: null,
      rejected: [],
      askedAgain: false,
      ...context,
    },
    token,
  );
  return verdict;
};

describe('what a token is for', () => {
  const key = { sessionId: 'sess_1' };

  it('R7.2 a claim that is there has to match, one that nobody asked for does not count', () => {
    expect(mismatch(key, { sessionId: 'sess_1' })).toBeNull();
    expect(mismatch(key, {})).toBeNull();
    expect(mismatch(key, { sessionId: 'sess_2' })).toBe('other_session');
    expect(mismatch(key, { organizationId: 'org_1' })).toBeNull();
    const asked = { ...key, organizationId: 'org_1' };
    expect(mismatch(asked, { organizationId: 'org_1' })).toBeNull();
    expect(mismatch(asked, {})).toBeNull();
    expect(mismatch(asked, { organizationId: 'org_2' })).toBe('other_organization');
    expect(mismatch(asked, { organizationId: null })).toBe('other_organization');
  });
});

describe('how long a token lives', () => {
  it('R7.5 without an end, or with one that is not after its start: invalid', () => {
    const invalid = { is: 'invalid', reason: 'no_lifetime' };
    expect(judge(minted(0, { expiresAt: null }))).toEqual(invalid);
    expect(judge(minted(0, { expiresAt: startMs }))).toEqual(invalid);
    expect(judge(minted(0, { expiresAt: null, issuedAt: null, expiresInMs: 0 }))).toEqual(invalid);
  });

  it('R7.4 an opaque one lives from the start of the request, as long as the source says', () => {
    const opaque = minted(0, {
      issuedAt: null,
      expiresAt: null,
      expiresInMs: 60_000,
      sentAt: { wallMs: startMs - 400, monotonicMs: -400 },
    });
    expect(judge(opaque)).toMatchObject({
      is: 'accepted',
      token: { issuedAt: startMs - 400, expiresAt: startMs + 59_600 },
    });
  });

  it('R9.8 with less than half its life left it turns stale when half of that is gone', () => {
    expect(judge(minted(35_000))).toMatchObject({ is: 'accepted', token: { leadCapMs: 12_500 } });
    expect(judge(minted(30_001))).toMatchObject({ is: 'accepted', token: { leadCapMs: 14_999.5 } });
    for (const ageMs of [0, 30_000]) {
      const verdict = judge(minted(ageMs));
      expect(verdict.is === 'accepted' && 'leadCapMs' in verdict.token).toBe(false);
    }
  });

  it('T5 cutoff and lead are half the lifetime at most', () => {
    const short = facts(0, 8_000);
    expect([cutoffMs(short, defaultPolicy), leadMs(short, defaultPolicy)]).toEqual([4_000, 4_000]);
    expect(staleAtMs(short, defaultPolicy)).toBe(startMs + 4_000);
    const usual = facts(0, 60_000);
    expect([cutoffMs(usual, defaultPolicy), leadMs(usual, defaultPolicy)]).toEqual([5_000, 17_000]);
    expect(leadMs({ ...usual, leadCapMs: 3_000 }, defaultPolicy)).toBe(3_000);
  });
});

describe('what a token teaches about the time', () => {
  const learned = (token: MintedToken) =>
    judgeMint(
      {
        key: { sessionId: 'sess_1' },
        policy: defaultPolicy,
        clock: localClock,
        held: null,
        rejected: [],
        askedAgain: false,
      },
      token,
    );

  it('R9.3 whatever is wrong with it otherwise', () => {
    const clock = { offsetMs: 61_000, evidence: 'proof' };
    expect(learned(minted(-60_000, { sessionId: 'sess_2' }))).toMatchObject({ reason: 'other_session', clock });
    expect(learned(minted(-60_000, { expiresAt: null }))).toMatchObject({ reason: 'no_lifetime', clock });
  });

  it('R9.3 R7.5 nothing, where its `iat` is not before its own end', () => {
    const token = minted(-60_000);
    for (const expiresAt of [startMs + 60_000, startMs]) {
      expect(learned({ ...token, expiresAt })).toMatchObject({
        reason: 'no_lifetime',
        clock: { offsetMs: 0, evidence: 'local', proof: null },
      });
    }
    expect(learned({ ...token, expiresAt: startMs + 60_001 })).toMatchObject({ clock: { offsetMs: 61_000 } });
  });
});

describe('the same token once more', () => {
  const token = minted(40_000);
  const { expiresInMs: _e, serverDate: _d, sentAt: _s, receivedAt: _r, ...own } = token;
  const held: TokenFacts = { ...own, issuedAt: startMs - 40_000, expiresAt: startMs + 20_000, from: 'mint' };

  it('T8 is valid and no progress', () => {
    expect(judge(token, { held })).toEqual({ is: 'kept' });
    expect(judge(token, { rejected: [token.fingerprint] })).toEqual({ is: 'kept' });
  });

  it('R5.10 expired meanwhile, it is invalid', () => {
    const old = { ...token, issuedAt: startMs - 90_000, expiresAt: startMs };
    const expired = { is: 'invalid', reason: 'expired' };
    expect(judge(old, { held: { ...held, issuedAt: startMs - 90_000, expiresAt: startMs } })).toEqual(expired);
    expect(judge(old, { rejected: [token.fingerprint] })).toEqual(expired);
  });
});

describe('a token that is past its stale point on arrival', () => {
  it('R9.8 is asked for once more, and held meanwhile if it still serves', () => {
    expect(judge(minted(50_000))).toMatchObject({ is: 'asked-again', token: { expiresAt: startMs + 10_000 } });
    expect(judge(minted(60_000))).toEqual({ is: 'asked-again', token: null });
  });

  it('R9.8 asked for once more already, it is better than nothing, unless it is over', () => {
    expect(judge(minted(50_000), { askedAgain: true })).toMatchObject({
      is: 'aged',
      token: { issuedAt: startMs - 50_000, from: 'mint' },
    });
    expect(judge(minted(60_000), { askedAgain: true })).toEqual({ is: 'invalid', reason: 'aged' });
  });

  it('S3 R9.8 fresher, but over sooner than the held one: that stays, asked for once more or not', () => {
    const held = { ...facts(55_000), expiresAt: startMs + 3_600_000 };
    expect(judge(minted(50_000), { held })).toEqual({ is: 'asked-again', token: null });
    expect(judge(minted(50_000), { held, askedAgain: true })).toEqual({ is: 'kept' });
  });

  it('R7.6 and no better than the held one: kept, asked for once more or not', () => {
    const held = facts(45_000);
    for (const askedAgain of [false, true]) expect(judge(minted(50_000), { held, askedAgain })).toEqual({ is: 'kept' });
    // Over and no better: there is nothing to keep.
    expect(judge(minted(60_000), { held, askedAgain: true })).toEqual({ is: 'invalid', reason: 'aged' });
  });
});

describe('which one is better', () => {
  it('R7.10 one that an API refused wins against nothing, and loses to anything', () => {
    const [older, fresher] = [facts(10_000), facts(0)];
    expect(beats(fresher, older, [], at)).toBe(true);
    expect(beats(fresher, older, [fresher.fingerprint], at)).toBe(false);
    expect(beats(fresher, null, [fresher.fingerprint], at)).toBe(false);
    expect(beats(older, fresher, [], at)).toBe(false);
    expect(beats(older, fresher, [fresher.fingerprint], at)).toBe(true);
  });

  it('R7.6 by the origin first, and having one beats having none', () => {
    const age = (issuedAt: number, originIssuedAt: number | null) => ({ issuedAt, originIssuedAt });
    expect(freshnessOrder(age(1, 6), age(9, 5))).toBe(1);
    expect(freshnessOrder(age(9, 5), age(1, 6))).toBe(-1);
    expect(freshnessOrder(age(1, 5), age(9, null))).toBe(1);
    expect(freshnessOrder(age(9, 5), age(1, 5))).toBe(1);
    expect(freshnessOrder(age(1, null), age(1, null))).toBe(0);
  });
});
