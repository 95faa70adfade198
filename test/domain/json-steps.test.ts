import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { JsonTooDeep, parsedInSteps } from '../../src/domain/json-steps.js';
import { jsonText } from '../support/json-texts.js';
import { atOnce } from '../../src/domain/stepwise.js';

const LONG = 'x'.repeat(5_000);
const long = `{"long":"${LONG}"}`;
const parsed = (text: string, levels = 512) => atOnce(parsedInSteps(text, levels));

/** What JSON.parse makes of a text, or that it refuses it. */
function outcome(parse: () => unknown): unknown {
  try {
    // Written, because a comparison of values would take -0 for 0, and would not see the order of names.
    return JSON.stringify(parse());
  } catch (error) {
    if (error instanceof SyntaxError) return 'refused';
    throw error;
  }
}

describe('a text parsed in steps', () => {
  it.each([
    ['a short text', '{"a":1}'],
    ['a long list of short items', `[${'{"a":[1,2]},'.repeat(5_000)}{}]`],
    ['a long object', `{${Array.from({ length: 5_000 }, (_, n) => `"k${n % 3_000}":${n}`).join(',')}}`],
    ['long items alone', `[${long}]`],
    ['long items between short ones', `[1,"a",${long} , [${long}],{"a":${long},"b":2}, 3 ]`],
    ['long items first and last', ` [ ${long},1,${long} ] `],
    ['names that come twice, of long and short values', `{"a":1,"b":${long},"a":${long},"b":2}`],
    ['names that are numbers', `{"b":${long},"2":1,"1":${long}}`],
    ['names with escapes and brackets', `{"\\u0061]":${long},"}\\"":[${long}]}`],
    ['white space', `[${' '.repeat(10_000)}]`],
    ['a long text', `"${LONG}"`],
  ])('is %s', (_what, text) => {
    expect(outcome(() => parsed(text))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('keeps a member called __proto__', () => {
    const value = parsed(`{"__proto__":${long},"a":{"__proto__":1}}`) as object;

    expect(Object.keys(value)).toEqual(['__proto__', 'a']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it.each([
    `[${long},]`,
    `[,${long}]`,
    `[${long},,1]`,
    `[${long} ${long}]`,
    `[1 ${long}]`,
    `[${long} 1]`,
    `[-${long}]`,
    `{"a":-${long}}`,
    `{"a" ${long}}`,
    `{${long}}`,
    `{"a":1 "b":${long}}`,
    `{"a":${long},}`,
    `[${long}}`,
    `[${long}`,
    `${long}]`,
    `${long} 1`,
    `[${'1,'.repeat(5_000)}]`,
    `[${'1,'.repeat(5_000)},1]`,
    `["${LONG}]`,
    `[\u00a0${long}]`,
    '',
  ])('is refused as JSON.parse refuses it: %#', (text) => {
    expect(outcome(() => JSON.parse(text))).toBe('refused');
    expect(outcome(() => parsed(text))).toBe('refused');
  });

  // Without escapes: the JSON.parse of Node 24 takes one name for another if both are an escape of the same length
  // ('{"a":1,"\"":2}' after many other texts), so it is no oracle for them.
  it('is what JSON.parse makes of it, whatever the text', () => {
    const plain = jsonText.filter((text) => !text.includes('\\'));
    const padded = fc
      .tuple(plain, plain, fc.constantFrom(long, '[]', '-', ',', ']', '{', ' '))
      .map(([one, other, odd]) =>
        [`[${one},${long},${other}]`, `{"a":${one},"b":${long}${odd},"c":${other}}`, `[${one}${odd},[${long},${other}]]`].join(
          odd === ',' ? '' : '\n',
        ),
      );
    const nested = fc.tuple(plain, plain).map(([one, other]) => `[${one},{"a":${long},"b":${other}},${one}]`);
    fc.assert(
      fc.property(fc.oneof(padded, nested), (text) => {
        expect(outcome(() => parsed(text))).toBe(outcome(() => JSON.parse(text)));
      }),
    );
  });

  it('is refused if it is nested too deeply', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

    expect(() => parsed(nested(513))).toThrow(JsonTooDeep);
    expect(parsed(nested(512))).toEqual(JSON.parse(nested(512)));
  });

  it('has steps of a limited size', () => {
    const text = `{"a":[${'{},'.repeat(100_000)}{}]}`;
    let steps = 0;
    for (const work = parsedInSteps(text, 512); !work.next().done;) steps++;

    expect(steps).toBeGreaterThan(text.length / 32_768);
  });
});
