import { describe, expect, it } from '@jest/globals';
import type { ArgumentMetadata } from '@nestjs/common';
import { z } from 'zod';
import { ApiError, InvalidInput } from '../../../src/api/http-support/api-error.js';
import { ContractPipe } from '../../../src/api/http-support/contract.pipe.js';
import * as pieces from '../../../src/api/http-support/list-query.js';
import { newId } from '../../../src/domain/ids.js';

const schema = z.object({
  limit: pieces.limit,
  iterator: pieces.iterator('msg_'),
  order: pieces.order('descending'),
  before: pieces.before,
  after: pieces.after,
  event_types: pieces.eventTypes,
  channel: pieces.channel,
  status: pieces.status,
  status_code_class: pieces.statusCodeClass,
  with_content: pieces.flag(true),
});

function read(query: Record<string, unknown>): z.output<typeof schema> {
  return new ContractPipe().transform(query, { type: 'query', schema } as ArgumentMetadata) as z.output<typeof schema>;
}

it('has a default for everything', () => {
  expect(read({})).toEqual({
    limit: 50,
    iterator: null,
    order: 'descending',
    before: null,
    after: null,
    event_types: null,
    channel: null,
    status: null,
    status_code_class: null,
    with_content: true,
  });
});

it.each([
  [{ limit: 'abc' }],
  [{ limit: '-1' }],
  [{ limit: '1.5' }],
  [{ limit: '' }],
  [{ limit: ['1', '2'] }],
  [{ order: 'upward' }],
  [{ before: 'yesterday' }],
  [{ after: '2026-13-01T00:00:00Z' }],
  [{ after: '2026-02-30T00:00:00Z' }],
  [{ after: '' }],
  [{ status: '9' }],
  [{ status: 'success' }],
  [{ status_code_class: '250' }],
  [{ with_content: 'yes' }],
])('can not read %p: 400', (query) => {
  expect(() => read(query)).toThrow(ApiError);
});

it.each([
  [{ limit: '251' }],
  [{ limit: '0' }],
  [{ limit: '00' }],
  [{ iterator: 'ep_2YBXZIko2xmy0s5Rm9N5U7PhHgu' }],
  [{ iterator: 'msg_short' }],
  [{ iterator: '--msg_2YBXZIko2xmy0s5Rm9N5U7PhHgu' }],
  [{ channel: 'a b' }],
  [{ event_types: 'a b' }],
])('reads %p and refuses it: 422', (query) => {
  expect(() => read(query)).toThrow(InvalidInput);
});

it.each(['1', '250'])('takes the limit %s', (limit) => {
  expect(read({ limit }).limit).toBe(Number(limit));
});

it('takes an iterator in both directions', () => {
  const id = newId('msg_');
  expect([read({ iterator: id }).iterator, read({ iterator: `-${id}` }).iterator]).toEqual([id, `-${id}`]);
});

describe('a time', () => {
  it.each([
    '2026-01-02T03:04:05.678Z',
    '2026-01-02T03:04:05.678901Z',
    '2026-01-02 03:04:05.678 UTC',
    '2026-01-02T03:04:05.678+00:00',
    '2026-01-02T03:04:05.678 00:00',
    '2026-01-02T05:04:05.678+02:00',
    '2026-01-02T05:04:05.678+0200',
    '2026-01-01T23:04:05.678-04:00',
    '2026-01-02t03:04:05.678z',
    '2026-01-02T03:04:05,678',
  ])('may be written %s', (text) => {
    expect(read({ after: text }).after?.toISOString()).toBe('2026-01-02T03:04:05.678Z');
  });

  it('may be a day', () => {
    expect(read({ before: '2024-02-29' }).before?.toISOString()).toBe('2024-02-29T00:00:00.000Z');
  });
});

describe('event types', () => {
  it.each([
    [{ event_types: 'a,b' }],
    [{ event_types: ['a', 'b'] }],
    [{ 'event_types[]': ['a', 'b'] }],
    [{ 'event_types[0]': 'a', 'event_types[1]': 'b' }],
  ])('may be written %p', (query) => {
    expect(read(query).event_types).toEqual(['a', 'b']);
  });

  it.each(['', ','])('written %p are all', (text) => {
    expect(read({ event_types: text }).event_types).toBeNull();
  });
});

it('reads numbers of enumerations', () => {
  expect(read({ status: '0', status_code_class: '400' })).toMatchObject({ status: 0, status_code_class: 400 });
});
