import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isJsonObjectText, isTooDeep, MAX_LEVELS } from '../../src/domain/json-depth.js';
import { jsonText } from '../support/json-texts.js';

const nested = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);

describe('a JSON text', () => {
  it.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
    ['spaced objects', ' {\n"]}" : ', ' }'],
  ])('of %s is too deep one level below the limit', (_what, open, close) => {
    const text = (levels: number) => Buffer.from(open.repeat(levels) + '1' + close.repeat(levels));

    expect(isTooDeep(text(MAX_LEVELS))).toBe(false);
    expect(isTooDeep(text(MAX_LEVELS + 1))).toBe(true);
  });

  it('is not too deep for what stands beside each other, or in a string', () => {
    const wide = `[${Array.from({ length: 2_000 }, () => nested(3)).join(',')}]`;

    expect(isTooDeep(Buffer.from(wide))).toBe(false);
    expect(isTooDeep(Buffer.from(JSON.stringify(`"\\${nested(5_000)}`)))).toBe(false);
    expect(isTooDeep(Buffer.from(`["\\\\",${nested(MAX_LEVELS)}]`))).toBe(true);
  });

  it('is as deep as JSON.parse finds it', () => {
    const property = fc.property(jsonText, (text) => {
      const levels = depthOf(JSON.parse(withoutNames(text)));
      const source = Buffer.from(text);
      expect(isTooDeep(source, levels)).toBe(false);
      expect(isTooDeep(source, levels - 1)).toBe(levels > 0);
    });
    fc.assert(property, { seed: 1, numRuns: 2_000 });
  });
});

describe('a text', () => {
  it.each(['{}', ' \t\r\n{"a": 1} ', nested(100_000, '{"a":', '}').replace(':}', ':1}')])('is a JSON object', (text) => {
    expect(isJsonObjectText(text)).toBe(true);
  });

  it.each(['', '[]', '"{}"', 'null', '{', '{}{}', '{a: 1}', '\u00a0{}', '\ufeff{}', '<a/>'])('%j is no JSON object', (text) => {
    expect(isJsonObjectText(text)).toBe(false);
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Lists instead of objects, and no strings: of members with one name JSON.parse would leave one. */
function withoutNames(text: string): string {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '0');
  return bare.replaceAll('{', '[').replaceAll('}', ']').replaceAll(':', ',');
}
