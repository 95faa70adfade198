import { describe, expect, it } from '@jest/globals';
import { jsonSchemaFault, schemaFaultInSteps } from '../../../src/api/event-type/json-schema-check.js';
import { MAX_LEVELS } from '../../../src/domain/json-depth.js';

function nested(levels: number, value: unknown = {}): unknown {
  for (let level = 0; level < levels; level++) value = { not: value };
  return value;
}

describe('a JSON Schema', () => {
  it.each([
    [true],
    [{}],
    [{ type: 'object', properties: { a: { type: ['string', 'null'], minLength: 1 } }, required: ['a'] }],
    [{ items: [{ type: 'integer' }, false], additionalItems: { const: 5 } }],
    [{ anyOf: [{ $ref: '#/definitions/a' }], definitions: { a: { enum: [1, null] } } }],
    [{ patternProperties: { '^x-': {} }, dependencies: { a: ['b'], c: { minProperties: 1 } } }],
    [{ title: 't', examples: [1], default: 5, 'x-note': { type: 5 } }],
    [{ $schema: 'http://json-schema.org/draft-07/schema#', if: {}, else: false }],
    [false],
    [{ enum: [] }],
    [{ enum: [1, 1, {}, {}] }],
    [{ required: [], dependencies: { a: [] }, examples: [], properties: {} }],
    [{ type: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] }],
    [{ $ref: '#/definitions/a', type: 'object', description: 'beside', nullable: true }],
    [{ $id: 'https://example.com/a.json', $comment: '', default: null, const: null, readOnly: true, writeOnly: false }],
    [{ format: 'no-such-format', contentMediaType: 'a/b', contentEncoding: 'base64' }],
    [{ multipleOf: 0.01, minimum: -1e300, maximum: 1e300, exclusiveMinimum: 0, exclusiveMaximum: 1.5 }],
    [{ minLength: 0, maxLength: 1e20, minItems: 1.0, uniqueItems: true, minProperties: 0, maxProperties: 0 }],
    [{ items: true, additionalItems: false, contains: {}, propertyNames: false, additionalProperties: {} }],
    [{ not: {}, allOf: [true], anyOf: [{}], oneOf: [{ else: {} }] }],
    [{ $defs: 5, unevaluatedProperties: 'x', dependentRequired: 1, example: 1, discriminator: [], xml: {} }],
  ])('may be %j', (schema) => {
    expect(jsonSchemaFault(schema)).toBeNull();
  });

  it('has patterns of limited length, each and together', () => {
    // Only with the flag `u` this is a pattern.
    const needsFlag = '[\\u{1F600}-\\u{1F64F}]'.padEnd(4_096, 'a');
    const many = (count: number) => ({ allOf: Array.from({ length: count }, () => ({ pattern: needsFlag })) });

    expect(jsonSchemaFault({ pattern: 'a'.repeat(4_097) })).toMatchObject({ path: ['pattern'] });
    expect(jsonSchemaFault({ patternProperties: { ['a'.repeat(4_097)]: {} } })).toMatchObject({
      path: ['patternProperties', 'a'.repeat(4_097)],
    });
    expect(jsonSchemaFault(many(16))).toBeNull();
    expect(jsonSchemaFault(many(17))).toMatchObject({ path: ['allOf', 16, 'pattern'] });
  });

  it('with many patterns is checked in more steps', () => {
    const schema = { allOf: Array.from({ length: 60 }, () => ({ pattern: 'a'.repeat(4_000) })) };
    let steps = 0;
    for (const work = schemaFaultInSteps(schema); !work.next().done;) steps++;

    expect(steps).toBeGreaterThanOrEqual(60);
  });

  it.each([
    [{ readOnly: 15 }, ['readOnly']],
    [{ type: 'text' }, ['type']],
    [{ type: [] }, ['type']],
    [{ type: ['string', 'string'] }, ['type']],
    [{ properties: [] }, ['properties']],
    [{ properties: { a: { readOnly: 15 } } }, ['properties', 'a', 'readOnly']],
    [{ properties: { a: 5 } }, ['properties', 'a']],
    [{ required: 'a' }, ['required']],
    [{ required: [1] }, ['required', 0]],
    [{ items: [{ minItems: -1 }] }, ['items', 0, 'minItems']],
    [{ enum: 1 }, ['enum']],
    [{ exclusiveMinimum: true }, ['exclusiveMinimum']],
    [{ items: [] }, ['items']],
    [{ writeOnly: 1 }, ['writeOnly']],
    [{ type: 'any' }, ['type']],
    [{ dependencies: { a: ['b', 'b'] } }, ['dependencies', 'a']],
    [{ allOf: [] }, ['allOf']],
    [{ multipleOf: 0 }, ['multipleOf']],
    [{ maximum: '5' }, ['maximum']],
    [{ pattern: '(' }, ['pattern']],
    [{ patternProperties: { '(': {} } }, ['patternProperties', '(']],
    [{ dependencies: { a: [1] } }, ['dependencies', 'a', 0]],
    [{ additionalProperties: null }, ['additionalProperties']],
    [{ $ref: 5 }, ['$ref']],
    [null, []],
    [[], []],
    ['text', []],
  ])('may not be %j', (schema, path) => {
    expect(jsonSchemaFault(schema)).toMatchObject({ path });
  });

  it('may have tens of thousands of properties', () => {
    const entries = Array.from({ length: 50_000 }, (_, n) => [`p${n}`, { type: 'string', pattern: `^${n}\\-` }] as const);
    expect(jsonSchemaFault({ properties: Object.fromEntries(entries), required: entries.map(([name]) => name) })).toBeNull();
  });

  it('may have the `$id` of another', () => {
    const $id = 'https://example.com/order.json';
    expect([jsonSchemaFault({ $id, type: 'object' }), jsonSchemaFault({ $id, type: 'string' })]).toEqual([null, null]);
  });

  it('may be as deep as a body', () => {
    expect(jsonSchemaFault(nested(MAX_LEVELS))).toBeNull();
    expect(jsonSchemaFault(nested(MAX_LEVELS, { readOnly: 15 }))).toMatchObject({ message: 'Must be true or false' });
  });
});

describe('a pattern', () => {
  it.each([
    '^[\\w-\\.]+@([\\w-]+\\.)+[\\w-]{2,4}$',
    '^\\d{4}\\-\\d{2}\\-\\d{2}$',
    '^https\\:\\/\\/',
    '^[a-z\\_]+$',
    '\\@\\ \\"\\\'\\<',
    '^{[0-9]}$',
    '[\\d-x]',
    '\\p{2}',
    ']',
    '}',
    '\\1(a)\\9',
    '^\\p{Lu}\\p{Script=Greek}$',
    '^\\u{1F600}$',
    '(?<year>\\d{4})\\k<year>',
    '(?<!a)(?=b)',
    '',
  ])('may be %j', (pattern) => {
    expect(jsonSchemaFault({ pattern })).toBeNull();
    expect(jsonSchemaFault({ patternProperties: { [pattern]: true } })).toBeNull();
  });

  it.each(['(', ')', '[', '*', 'a**', '(?<a', '\\', '(?P<a>b)', '[z-a]'])('may not be %j', (pattern) => {
    expect(jsonSchemaFault({ pattern })).toMatchObject({ path: ['pattern'] });
    expect(jsonSchemaFault({ patternProperties: { [pattern]: true } })).toMatchObject({ path: ['patternProperties', pattern] });
  });
});
