import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isList, isNumber, isObject, objectText, stringIn, textOf, treeOf, type JsonNode } from '../../src/domain/json-tree.js';
import { jsonText } from '../support/json-texts.js';

/** V8 13.6 (Node 24) takes a key of one character that is spelled as an escape for another one that it met before. */
const KEY_READ_WRONGLY = /"\\(u[0-9a-f]{4}|[^u])"\s*:/i;

describe('the tree of a JSON text', () => {
  it('has every value with the text that it was written with', () => {
    const tree = treeOf(' { "a" : [ 1.10 , {"b":"\\u0041"} ],"c":-0 } ');

    expect(textOf(tree)).toBe('{ "a" : [ 1.10 , {"b":"\\u0041"} ],"c":-0 }');
    expect(textsOf(tree)).toEqual({ a: ['1.10', { b: '"\\u0041"' }], c: '-0' });
  });

  it('agrees with JSON.parse', () => {
    const property = fc.property(jsonText, (text) => {
      fc.pre(!KEY_READ_WRONGLY.test(text));
      expect(valueOf(treeOf(text))).toEqual(JSON.parse(text));
    });
    fc.assert(property, { seed: 1, numRuns: 2_000 });
  });

  it('has nothing in its texts that the source does not have', () => {
    const property = fc.property(jsonText, (text) => {
      for (const part of partsOf(treeOf(text))) {
        expect(text).toContain(part);
        expect(part).toBe(part.trim());
      }
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });

  it('ends on texts that are no JSON', () => {
    const text = '{"a":[1,{"b":"\\"}"}],"c":nul}';
    for (let end = 0; end <= text.length; end++) expect(() => treeOf(text.slice(0, end))).not.toThrow(RangeError);
  });
});

describe('a value of the tree', () => {
  it('tells what a string says, and nothing of other values', () => {
    expect(['"a"', '"\\u0041\\n"', '1', 'null', '[]', '{}'].map((text) => stringIn(treeOf(text)))).toEqual([
      'a',
      'A\n',
      null,
      null,
      null,
      null,
    ]);
    expect(stringIn(undefined)).toBeNull();
  });

  it('is a number if it is one', () => {
    expect(['1', '-1.5', '1e400', '"1"', 'true', '[1]'].map((text) => isNumber(treeOf(text)))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('becomes a member of a new object as it is', () => {
    expect(
      objectText([
        ['é"', '1.10'],
        ['b', '{ }'],
      ]),
    ).toBe('{"é\\"":1.10,"b":{ }}');
  });
});

function valueOf(node: JsonNode): unknown {
  if (isList(node)) return node.items.map(valueOf);
  if (isObject(node)) return Object.fromEntries(Array.from(node.members, ([name, member]) => [name, valueOf(member)]));
  return JSON.parse(textOf(node));
}

function textsOf(node: JsonNode): unknown {
  if (isList(node)) return node.items.map(textsOf);
  if (isObject(node)) return Object.fromEntries(Array.from(node.members, ([name, member]) => [name, textsOf(member)]));
  return node;
}

function partsOf(node: JsonNode): string[] {
  const inside = isList(node) ? node.items : isObject(node) ? [...node.members.values()] : [];
  return [textOf(node), ...inside.flatMap(partsOf)];
}
