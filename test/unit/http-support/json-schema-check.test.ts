import { describe, expect, it } from '@jest/globals';
import { jsonSchemaFault } from '../../../src/api/event-type/json-schema-check.js';

function nested(levels: number): unknown {
  let value: unknown = {};
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
  ])('may be %j', (schema) => {
    expect(jsonSchemaFault(schema)).toBeNull();
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
    [{ enum: [] }, ['enum']],
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

  it('may be deep, but not so deep that it can not be written again', () => {
    expect(jsonSchemaFault(nested(99))).toBeNull();
    expect(jsonSchemaFault(nested(101))).toMatchObject({ path: [] });
    expect(jsonSchemaFault(JSON.parse('['.repeat(500_000) + ']'.repeat(500_000)))).not.toBeNull();
  });
});
