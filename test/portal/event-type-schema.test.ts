import { describe, expect, it } from '@jest/globals';
import { parsedExactly } from '../../portal/src/api/json-source.js';
import { exampleOf } from '../../portal/src/pages/event-types/example.js';
import { limitsOf, typeText } from '../../portal/src/pages/event-types/field-words.js';
import { resolved, type Schema } from '../../portal/src/pages/event-types/schema.js';

const MOST_TEXT = 100_000;

const scopeOf = (root: Schema) => ({ root, seen: [] });
const refs = (name: string) => ({ $ref: `#/definitions/${name}` });

/** The example of it, read as a page does. */
function example(source: string): { json: string; generated: boolean } {
  return exampleOf(JSON.parse(source) as Schema, source)!;
}
const valueOf = (schema: Schema) => JSON.parse(example(JSON.stringify(schema)).json) as unknown;

/** Each of the definitions has this many fields of the next one. */
function chain(length: number, fields: number): Schema {
  const definition = (at: number): Schema =>
    at === length
      ? { type: 'string' }
      : { properties: Object.fromEntries(Array.from({ length: fields }, (_, n) => [`f${n}`, refs(`d${at + 1}`)])) };
  const definitions = Object.fromEntries(Array.from({ length: length + 1 }, (_, at) => [`d${at}`, definition(at)]));
  return { ...definition(0), definitions } as Schema;
}

describe('the example of an event type', () => {
  it('is made of a schema whose fields all refer to the next definition, without an end', () => {
    const { json, generated } = example(JSON.stringify(chain(12, 8)));

    expect(generated).toBe(true);
    expect(json.length).toBeLessThan(MOST_TEXT);
  });

  it('has all fields of a schema that is not too large', () => {
    expect(valueOf(chain(2, 2))).toEqual({ f0: { f0: 'text', f1: 'text' }, f1: { f0: 'text', f1: 'text' } });
  });

  it('that was given is shown as it was written', () => {
    const { json, generated } = example('{"examples": [{"id": 9007199254740993123, "2": 1.50, "1": null}, 7]}');

    expect(generated).toBe(false);
    expect(json).toBe('{\n  "id": 9007199254740993123,\n  "2": 1.50,\n  "1": null\n}');
  });
});

describe('the fields of an event type', () => {
  it('can be lists of lists of themselves', () => {
    const node = { type: 'array', items: refs('node') };
    const root = { properties: { tree: node }, definitions: { node } } as Schema;

    expect(typeText(node, scopeOf(root))).toBe('list of list of as above');
    expect(valueOf(root)).toEqual({ tree: [[null]] });
  });

  it('may refer to a name that is no part of a URI', () => {
    const root = { definitions: { '100%': { type: 'number' }, '50%/a b': { type: 'string' } } } as Schema;

    expect(resolved(refs('100%'), scopeOf(root)).schema).toEqual({ type: 'number' });
    expect(resolved(refs('50%25~1a%20b'), scopeOf(root)).schema).toEqual({ type: 'string' });
  });
});

describe('numbers with more digits than JavaScript keeps', () => {
  const SOURCE =
    '{"properties":{"a":{"const":9007199254740993},"b":{"type":"integer","minimum":9007199254740995},"c":{"default":0.12345678901234567891},' +
    '"d":{"enum":[1,-9007199254740997]},"e":{"type":"integer","exclusiveMinimum":9007199254740993,"maximum":0.0001}}}';
  const schema = parsedExactly(SOURCE) as Schema;

  it('are told as they were written', () => {
    const told = Object.values(schema.properties!).map((field) => limitsOf(field as Schema).join(', '));

    expect(told).toEqual([
      expect.stringContaining('9007199254740993'),
      expect.stringContaining('9,007,199,254,740,995'),
      expect.stringContaining('0.12345678901234567891'),
      expect.stringContaining('-9007199254740997'),
      expect.stringMatching(/0\.0001.*9,007,199,254,740,993|9,007,199,254,740,993.*0\.0001/),
    ]);
  });

  it.each(['1e400', '-1e-400', '12345678901234567890', '1e3', '0.0'])('are told of %s', (source) => {
    const [told] = limitsOf(parsedExactly(`{"minimum":${source}}`) as Schema);

    const plain = { '12345678901234567890': '12,345,678,901,234,567,890', '1e3': '1,000', '0.0': '0' }[source] ?? source;
    expect(told).toBe(`at least ${plain}`);
  });

  it('stand in the example as they were written', () => {
    const { json } = exampleOf(schema, SOURCE)!;

    expect(json.replace(/\s/g, '')).toBe(
      '{"a":9007199254740993,"b":9007199254740995,"c":0.12345678901234567891,"d":1,"e":9007199254740994}',
    );
  });
});
