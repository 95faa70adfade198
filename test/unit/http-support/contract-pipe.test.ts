import { describe, expect, it } from '@jest/globals';
import type { ArgumentMetadata } from '@nestjs/common';
import { z } from 'zod';
import { ApiError, InvalidInput } from '../../../src/api/http-support/api-error.js';
import { ContractPipe, nestedUpTo } from '../../../src/api/http-support/contract.pipe.js';
import { MAX_LEVELS } from '../../../src/domain/json-depth.js';

const pipe = new ContractPipe();
const thing = z.object({ name: z.string().min(1), tags: z.array(z.string().max(3)).optional() });

function body(text: string | Buffer, schema: z.ZodType = thing): unknown {
  return pipe.transform(Buffer.from(text as string), { type: 'body', schema } as ArgumentMetadata);
}

function query(given: Record<string, unknown>, schema: z.ZodType): unknown {
  return pipe.transform(given, { type: 'query', schema } as ArgumentMetadata);
}

function problemsOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
  throw new Error('It was accepted.');
}

/** The same for a long body, which is parsed in steps. */
async function refusal(answer: unknown) {
  const error: unknown = await Promise.resolve(answer).catch((reason: unknown) => reason);
  return problemsOf(() => {
    if (error instanceof InvalidInput) throw error;
  });
}

describe('a body', () => {
  it('is parsed and checked, its unknown keys dropped', () => {
    expect(body('{"name":"a","extra":1}')).toEqual({ name: 'a' });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"name":'],
    ['a byte order mark', '\uFEFF{"name":"a"}'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('that is %s is a 422 of the body as a whole', (_what, bytes) => {
    expect(problemsOf(() => body(bytes))).toMatchObject([{ loc: ['body'], type: 'value_error.jsondecode' }]);
  });

  it('that was never sent is a 422', () => {
    const absent = () => pipe.transform(undefined, { type: 'body', schema: thing } as ArgumentMetadata);
    expect(problemsOf(absent)).toMatchObject([{ loc: ['body'] }]);
  });

  it.each([
    ['missing key', '{}'],
    ['wrong type', '{"name":5}'],
  ])('tells a %s by the type value_error.jsondecode', (_what, text) => {
    expect(problemsOf(() => body(text))).toMatchObject([{ loc: ['body', 'name'], type: 'value_error.jsondecode' }]);
  });

  it('tells a broken rule by the type value_error and where it is', () => {
    const [problem] = problemsOf(() => body('{"name":"a","tags":["abc","abcd"]}'));
    expect(problem).toMatchObject({ loc: ['body', 'tags', '[1]'], type: 'value_error' });
  });

  it('tells all faults at once', () => {
    expect(problemsOf(() => body('{"name":"","tags":[1]}'))).toHaveLength(2);
  });

  it('nested a hundred thousand deep is a fault and no crash, also of a key that means nothing', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(await refusal(body(`{"name":${deep}}`))).toHaveLength(1);
    expect(await refusal(body(`{"name":"a","other":${deep}}`))).toMatchObject([{ loc: ['body'], type: 'value_error' }]);
  });

  it('that is long is parsed in steps, once for all who ask for it', async () => {
    const bytes = Buffer.from(`{"name":"a","other":[${'{},'.repeat(20_000)}{}]}`);
    const ask = () => pipe.transform(bytes, { type: 'body', schema: thing } as ArgumentMetadata);
    const first = ask();

    expect(first).toBeInstanceOf(Promise);
    expect(ask()).toBe(first);
    expect(await first).toEqual({ name: 'a' });
  });

  it.each([
    ['no JSON', `{"name":"a","other":"${'a'.repeat(50_000)}"`, 'value_error.jsondecode'],
    ['a wrong type', `{"name":5,"other":"${'a'.repeat(50_000)}"}`, 'value_error.jsondecode'],
    ['a broken rule', `{"name":"","other":"${'a'.repeat(50_000)}"}`, 'value_error'],
  ])('that is long and %s is refused as a short one is', async (_what, text, type) => {
    expect(await refusal(body(text))).toMatchObject([{ type }]);
  });

  it('of things that each have the usual limit may be nested deeper', () => {
    const rules = nestedUpTo(MAX_LEVELS + 1, z.array(z.unknown()));
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(body(nested(MAX_LEVELS + 1), rules)).toHaveLength(1);
    expect(problemsOf(() => body(nested(MAX_LEVELS + 2), rules))).toHaveLength(1);
  });
});

describe('a query', () => {
  const numbers = z.object({ n: z.string().transform(Number).pipe(z.number().max(9)).optional() });
  const lists = z.object({ n: z.union([z.string(), z.array(z.string())]) });

  it.each([[{ 'n[]': 'a' }], [{ 'n[0]': 'a' }], [{ 'n[]': ['a'] }]])('may write a list as %p', (given) => {
    expect(query(given, lists)).toEqual({ n: ['a'] });
  });

  it('may mix the spellings of a list', () => {
    expect(query({ n: 'a', 'n[]': ['b', 'c'], 'n[7]': 'd' }, lists)).toEqual({ n: ['a', 'b', 'c', 'd'] });
  });

  it('has no way to reach the prototype', () => {
    expect(query(JSON.parse('{"__proto__[]":"a","n":"b"}') as Record<string, unknown>, lists)).toEqual({ n: 'b' });
    expect(({} as { n?: unknown }).n).toBeUndefined();
  });

  it('that can not be read is a 400', () => {
    expect(() => query({ n: ['1', '2'] }, numbers)).toThrow(ApiError);
  });

  it('that is out of range is a 422', () => {
    expect(problemsOf(() => query({ n: '10' }, numbers))).toMatchObject([{ loc: ['query', 'n'], type: 'value_error' }]);
  });
});

describe('a parameter of the path', () => {
  it('is a 422 that names it', () => {
    const metadata = { type: 'param', data: 'name', schema: z.string().max(3) } as ArgumentMetadata;
    expect(problemsOf(() => pipe.transform('abcd', metadata))).toMatchObject([{ loc: ['path', 'name'], type: 'value_error' }]);
  });

  it('without a schema passes as it is', () => {
    expect(pipe.transform('abcd', { type: 'param', data: 'name' })).toBe('abcd');
  });
});
