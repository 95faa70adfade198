import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { list, record } from '../../../src/api/http-support/bounded.js';

/** A rule that counts how often it is asked. */
function counted(holds: boolean) {
  const seen = { count: 0 };
  const rule = z
    .string()
    .max(9)
    .refine(() => {
      seen.count++;
      return holds;
    });
  return { seen, rule };
}

const items = (count: number) => Array.from({ length: count }, () => 'a');
const values = (count: number) => Object.fromEntries(items(count).map((value, n) => [`k${n}`, value]));

describe('a list', () => {
  it('with more items than it may have is refused before any of them is checked', () => {
    const { seen, rule } = counted(true);
    const { error } = list(rule, 100).safeParse(items(101));

    expect(error?.issues).toMatchObject([{ path: [], message: 'Must not have more than 100 items, this list has 101' }]);
    expect(seen.count).toBe(0);
  });

  it('is checked up to the twentieth fault', () => {
    const { seen, rule } = counted(false);
    const { error } = list(rule, 1_000).safeParse(items(1_000));

    expect(error?.issues).toHaveLength(20);
    expect(error?.issues[19]?.path).toEqual([19]);
    expect(seen.count).toBe(20);
  });

  it('keeps its fewest items', () => {
    expect(list(z.string().max(1), 5, 1).safeParse([]).success).toBe(false);
    expect(list(z.string().max(1), 5).parse([])).toEqual([]);
  });
});

describe('a record', () => {
  it('with more keys than it may have is refused before any value is checked', () => {
    const { seen, rule } = counted(true);

    expect(record(z.string().max(9), rule, 100).safeParse(values(101)).error?.issues).toHaveLength(1);
    expect(seen.count).toBe(0);
  });

  it('is checked up to the twentieth fault', () => {
    const { seen, rule } = counted(false);

    expect(record(z.string().max(9), rule, 1_000).safeParse(values(1_000)).error?.issues).toHaveLength(20);
    expect(seen.count).toBe(20);
  });
});
