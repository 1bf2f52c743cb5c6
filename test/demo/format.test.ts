import { expect, it } from 'vitest';
import { countdown, duration, offset, span } from '../../docs/demo/page/model/format';

it('demo numbers: a countdown shows its last second', () => {
  expect([60_000, 59_001, 1, 0, -5].map(countdown)).toEqual(['1:00', '1:00', '0:01', '0:00', '0:00']);
});

it('demo numbers: spans, durations and offsets read as people say them', () => {
  expect([10_000, 90_000, 120_000, 125_000].map(span)).toEqual(['10 s', '90 s', '2 min', '2 min 5 s']);
  expect([0.42, 120.4, 4_000].map(duration)).toEqual(['0.4 ms', '120 ms', '4.0 s']);
  expect([400, 30_000, -300_900].map(offset)).toEqual(['in step with ours', '30 s ahead', '5 min behind']);
});
