import { describe, expect, it } from '@jest/globals';
import { schemaFaultInSteps } from '../../../src/api/event-type/json-schema-check.js';
import { eventTypesOf } from '../../../src/api/event-type/openapi-webhooks.js';
import { treeInSteps, valueInSteps } from '../../../src/domain/json-tree.js';
import { STEP_CHARS, type Stepwise } from '../../../src/domain/stepwise.js';

function steps<T>(work: Stepwise<T>): { count: number; result: T } {
  for (let count = 1; ; count++) {
    const { done, value } = work.next();
    if (done) return { count, result: value };
  }
}

const many = <T>(count: number, value: (n: number) => T) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`name-${n}`, value(n)]));

describe('work with a large schema has steps by its size:', () => {
  const schema = { properties: many(50_000, () => ({ type: 'string' })), required: Object.keys(many(50_000, () => 0)) };
  const text = JSON.stringify(schema);

  it('reading it', () => {
    const { count, result } = steps(treeInSteps(text));
    expect(count).toBeGreaterThan(text.length / STEP_CHARS / 2);
    expect(steps(valueInSteps(result))).toMatchObject({ result: schema });
  });

  it('checking it', () => {
    const { count, result } = steps(schemaFaultInSteps(schema));
    expect(result).toBeNull();
    expect(count).toBeGreaterThan(100);
  });

  it('finding the fault at its end', () => {
    const { result } = steps(schemaFaultInSteps({ ...schema, allOf: [{}, { required: ['a', 'a'] }] }));
    expect(result).toEqual({ path: ['allOf', 1, 'required'], message: 'Must be a list without repetitions' });
  });
});

describe('an OpenAPI document', () => {
  const documentOf = (webhooks: number) => {
    const schemas = many(50, () => ({ properties: many(50, (n) => ({ $ref: `#/components/schemas/name-${n}` })) }));
    const requestBody = { content: { 'application/json': { schema: { $ref: '#/components/schemas/name-0' } } } };
    return JSON.stringify({ components: { schemas }, webhooks: many(webhooks, () => ({ post: { requestBody } })) });
  };
  const stepsOf = (webhooks: number) => steps(eventTypesOf(documentOf(webhooks))).count;

  it('costs for a second webhook only the text of its own schema', () => {
    const [one, more] = [stepsOf(1), stepsOf(21)];
    const { result } = steps(eventTypesOf(documentOf(1)));

    // The text is counted once for each webhook.
    expect(more - one).toBeLessThanOrEqual(Math.ceil((21 * result[0]!.schemas!.length) / STEP_CHARS) + 2);
  });
});
