import { describe, expect, it } from '@jest/globals';
import { missed, quantile, tableOf, type Measured } from '../../../bench/overload/judge.js';

const GOOD: Measured = {
  form: 'one',
  kind: 'message',
  capacity: 1_000,
  accepted: 900,
  acceptedMs: [400, 1_000],
  refused: 5_000,
  refusedP99Ms: 100,
  failedConnects: 0,
  others: {},
  neighbourP99Ms: 900,
  neighbourFailed: 0,
  peakMb: 500,
  backAfterSeconds: 30,
  serviceShare: 1,
  generatorShare: 0.3,
};

describe('the judge of an overload', () => {
  it('says nothing while every bound is kept', () => {
    expect(missed(GOOD)).toEqual([]);
  });

  it.each<[string, Partial<Measured>]>([
    ['too little is accepted', { accepted: 899 }],
    ['nothing is accepted', { accepted: 0, capacity: 0 }],
    ['what is accepted comes late', { acceptedMs: [400, 1_001] }],
    ['refusals come late', { refusedP99Ms: 101 }],
    ['a connection fails', { failedConnects: 1 }],
    ['another answer comes', { others: { 500: 2 } }],
    ['the neighbour waits', { neighbourP99Ms: 1_001 }],
    ['the neighbour fails', { neighbourFailed: 1 }],
    ['a process takes too much memory', { peakMb: 2_000 }],
    ['it is not normal in time', { backAfterSeconds: null }],
  ])('says it if %s', (_what, change) => {
    expect(missed({ ...GOOD, ...change })).toHaveLength(1);
  });

  it('takes quantiles of none as 0, and sorts before', () => {
    expect(quantile(new Float64Array(), 0.99)).toBe(0);
    expect(quantile(Float64Array.from([3, 1, 2]), 0.5)).toBe(2);
  });

  it('makes a row of as many cells as there are columns', () => {
    const { columns, rows } = tableOf([GOOD, { ...GOOD, backAfterSeconds: null }]);
    expect(rows.map((row) => row.length)).toEqual([columns.length, columns.length]);
  });
});
