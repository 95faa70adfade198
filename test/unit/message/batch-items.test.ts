import { describe, expect, it } from '@jest/globals';
import { batchItems } from '../../../src/api/message/batch-items.js';
import { ApiError, InvalidInput } from '../../../src/api/http-support/api-error.js';
import { atOnce, STEP_CHARS } from '../../../src/domain/stepwise.js';

const MESSAGE = '{"eventType":"a","payload":{"n":1.10}}';
const read = (text: string | Buffer) => atOnce(batchItems(Buffer.from(text as string)));
const list = (count: number, message = MESSAGE) => `[${Array.from({ length: count }, () => message).join(',')}]`;

function refusal(text: string | Buffer): unknown {
  try {
    read(text);
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems[0]!.msg;
    if (error instanceof ApiError) return error.status;
    throw error;
  }
  return null;
}

describe('the messages of a batch', () => {
  it.each([
    ['a list', ` [ ${MESSAGE} ,\n${MESSAGE}\t] \r\n`],
    ['an object', `{"other":[1,{"a":"]"}], "messages" : [${MESSAGE},${MESSAGE}] ,"more":null}`],
    ['an object with an escaped key', `{"\\u006dessages":[${MESSAGE},${MESSAGE}]}`],
    ['an object with the key twice', `{"messages":[1],"messages":[${MESSAGE},${MESSAGE}]}`],
  ])('are read from %s', (_what, text) => {
    expect(read(text)).toMatchObject([{ message: { eventType: 'a' } }, { message: { eventType: 'a' } }]);
  });

  it.each([
    ['nothing', ''],
    ['an open list', `[${MESSAGE}`],
    ['a comma at the end', `[${MESSAGE},]`],
    ['no comma', `[${MESSAGE} ${MESSAGE}]`],
    ['two commas', `[${MESSAGE},,${MESSAGE}]`],
    ['text behind the list', `[${MESSAGE}] x`],
    ['other white space', `[${MESSAGE},\u000b${MESSAGE}]`],
    ['a broken message', '[{"eventType":}]'],
    ['a broken object', `{"messages":[${MESSAGE}],}`],
    ['a broken value beside the list', `{"other":tru,"messages":[${MESSAGE}]}`],
    ['an open string', '["a]'],
  ])('are not read from %s, which is no JSON', (_what, text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(refusal(text)).toBe('The body is not valid JSON');
  });

  it.each([
    ['a number', '5'],
    ['an empty list', '[]'],
    ['no list', '{"messages":5}'],
    ['an object without one', '{"a":[]}'],
  ])('are not read from %s', (_what, text) => {
    expect(refusal(text)).toMatch(/^Must be a list of messages/);
  });

  it('are not read from bytes that are not UTF-8, or with much beside them', () => {
    expect(refusal(Buffer.from([0x5b, 0xff, 0x5d]))).toBe('The body is not UTF-8');
    expect(refusal(`{"messages":[${MESSAGE}],"other":"${'a'.repeat(70_000)}"}`)).toMatch(/^Beside "messages"/);
  });

  it('are a thousand at most', () => {
    expect(read(list(1_000))).toHaveLength(1_000);
    expect(refusal(list(1_001))).toBe(413);
  });

  it('are as large as a single message may be', () => {
    const large = `{"eventType":"a","payload":{"a":"${'x'.repeat(2_097_152)}"}}`;
    expect(read(`[${large},${MESSAGE}]`)).toMatchObject([{ problems: [{ loc: ['body'] }] }, { message: {} }]);
  });

  it('are read in steps by their size', () => {
    const text = list(1_000, `{"eventType":"a","payload":{"a":"${'x'.repeat(10_000)}"}}`);
    let steps = 0;
    for (const work = batchItems(Buffer.from(text)); !work.next().done;) steps++;

    // Finding them, and checking them.
    expect(steps).toBeGreaterThan(text.length / STEP_CHARS);
  });

  it.each([
    ['other keys', `{${'"a":1,'.repeat(100_000)}"b":1}`],
    ['lists that others follow', `{${'"messages":1,'.repeat(100_000)}"messages":[]}`],
  ])('are looked for in steps among many %s', (_what, text) => {
    let steps = 0;
    const work = batchItems(Buffer.from(text));
    const run = () => {
      while (!work.next().done) steps++;
    };

    expect(run).toThrow(InvalidInput);
    expect(steps).toBeGreaterThan(text.length / STEP_CHARS);
    expect(refusal(text)).toMatch(/^Beside "messages"/);
  });
});
