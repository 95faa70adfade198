import { describe, expect, it } from '@jest/globals';
import { SCENARIOS } from '../../rehearsal/scenarios/all.js';

describe('the scenarios', () => {
  it('have names of their own, which fit on a command line', () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(names.filter((name) => !/^[a-z0-9-]+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('each have a sentence that says what they are about', () => {
    for (const { title } of SCENARIOS) expect(title).toMatch(/^[A-Z].{20,}[^.]$/);
  });

  it('have a short form, with a good release and one that is taken back', () => {
    const short = SCENARIOS.filter(({ isShort }) => isShort);
    expect(short.map(({ end }) => end.status)).toEqual(expect.arrayContaining(['Succeeded', 'Stopped']));
  });
});
