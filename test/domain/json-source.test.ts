import { describe, expect, it } from '@jest/globals';
import { itemSourcesOf, sourceOf } from '../../src/domain/json-source.js';

const sliceOf = (text: string, key = 'payload') => sourceOf(Buffer.from(text), key)?.toString() ?? null;

describe('sourceOf', () => {
  it.each([
    ['an object, as it is spelled', '{"a":1,"payload":{"b": 1.0,\n "a":[ 1e400 ]},"z":0}', '{"b": 1.0,\n "a":[ 1e400 ]}'],
    ['a number too large for a double', '{"payload":12345678901234567890.10}', '12345678901234567890.10'],
    ['without the white space around', '\r\n{ "payload"\t: \n 1 \t, "b" : 2 } ', '1'],
    ['the last value before the brace', '{"payload":true}', 'true'],
    ['a value before white space and the brace', '{"payload":null \n}', 'null'],
    ['a string with quotes and braces', String.raw`{"payload":"a\"}\\","b":1}`, String.raw`"a\"}\\"`],
    ['an object with strings that look like structure', String.raw`{"payload":{"}":"]\"{"},"b":[]}`, String.raw`{"}":"]\"{"}`],
    ['an empty object', '{"payload":{}}', '{}'],
    ['an empty array', '{"payload":[],"b":1}', '[]'],
    ['the last of several', '{"payload":1,"payload":{"payload":2},"b":{"payload":3}}', '{"payload":2}'],
    ['a key with an escape', String.raw`{"pay\u006coad":1,"b":2}`, '1'],
    ['the last, whatever the spelling', String.raw`{"payload":1,"pay\u006Coad":2}`, '2'],
    ['text beyond ASCII', '{"é":"💌","payload":{"€":"ü"}}', '{"€":"ü"}'],
    ['keys that only start or end alike', '{"payloads":1,"apayload":2,"payload":3,"payloa":4}', '3'],
  ])('gives %s', (_, text, expected) => {
    JSON.parse(text);
    expect(sliceOf(text)).toBe(expected);
  });

  it.each([
    '{}',
    ' { } ',
    '{"a":1}',
    '{"a":{"payload":1}}',
    '{"a":"payload","b":["payload",1]}',
    '[{"payload":1}]',
    '"payload"',
    '1',
    '',
  ])('finds nothing in %j', (text) => {
    expect(sliceOf(text)).toBeNull();
  });

  it('finds keys that need an escape, and the empty one', () => {
    expect(sliceOf(String.raw`{"a\"b":1}`, 'a"b')).toBe('1');
    expect(sliceOf(String.raw`{"\ud83d\udc8c":1}`, '💌')).toBe('1');
    expect(sliceOf('{"💌":1}', '💌')).toBe('1');
    expect(sliceOf('{"":1,"a":2}', '')).toBe('1');
  });

  it('copies nothing', () => {
    const body = Buffer.from('{"payload":{"a":1}}');
    expect(sourceOf(body, 'payload')!.buffer).toBe(body.buffer);
  });

  it('ends on texts that are no JSON', () => {
    const text = String.raw`{"a":{"b":["x\"",1]},"payload":"y"}`;
    for (let end = 0; end < text.length; end++) sourceOf(Buffer.from(text.slice(0, end)), 'payload');
    for (const broken of ['{"a"}', '{"a":}', '{"a":1 2}', '{,}', '{"a":]}', '{"a"1}']) expect(sliceOf(broken)).toBeNull();
  });

  it('agrees with JSON.parse on thousands of random objects', () => {
    const random = seeded(20_240_515);
    for (let i = 0; i < 5000; i++) {
      const text = randomObject(random, 0);
      const parsed = JSON.parse(text) as Record<string, unknown>;
      for (const key of KEYS) {
        const slice = sliceOf(text, key);
        if (!Object.hasOwn(parsed, key)) expect(slice).toBeNull();
        else expect({ text, value: JSON.parse(slice!) }).toEqual({ text, value: parsed[key] });
        expect(slice).toBe(slice?.trim() ?? null);
      }
    }
  });
});

describe('itemSourcesOf', () => {
  const itemsOf = (text: string) => itemSourcesOf(Buffer.from(text)).map(String);

  it.each([
    ['[]', []],
    [' [ ] ', []],
    ['[1]', ['1']],
    [' [ {"a" : "]"} ,\n[ 1 , 2 ],"x,\\"", 1.0 ,null ] ', ['{"a" : "]"}', '[ 1 , 2 ]', '"x,\\""', '1.0', 'null']],
    ['{"a":[1]}', []],
    ['"[1]"', []],
  ])('finds the items of %s', (text, items) => {
    expect(itemsOf(text)).toEqual(items);
  });

  it('ends on texts that are no JSON', () => {
    const text = String.raw`[{"b":["x\"",1]},"y",[2]]`;
    for (let end = 0; end < text.length; end++) itemsOf(text.slice(0, end));
    for (const broken of ['[,]', '[1,,2]', '[1 2]', '[}', '[']) expect(itemsOf(broken).length).toBeLessThan(4);
  });

  it('agrees with JSON.parse on thousands of random lists', () => {
    const random = seeded(20_251_126);
    for (let i = 0; i < 5000; i++) {
      const text = `${space(random)}[${list(random, () => randomValue(random, 0))}]${space(random)}`;
      expect({ text, items: itemsOf(text).map((item) => JSON.parse(item) as unknown) }).toEqual({
        text,
        items: JSON.parse(text),
      });
    }
  });
});

// No key of one character: V8 13.6 (Node 24) reads such a key wrongly if it is spelled as an escape. After JSON.parse of
// {"k":1,"\\":2} it takes the second key of {"k":1,"\u0062":2} for a backslash too.
const KEYS = ['payload', 'ab', '', 'a"b', '\\n', 'éé', '💌', '}]'];
type Random = (below: number) => number;

/** Reproducible, so that a failure can be looked at. */
function seeded(seed: number): Random {
  return (below) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

function randomValue(random: Random, depth: number): string {
  const kind = random(depth > 3 ? 5 : 8);
  if (kind === 0) return ['true', 'false', 'null'][random(3)]!;
  if (kind === 1) return ['0', '-1.50', '1e3', '123456789012345678901', '-0.0E-2'][random(5)]!;
  if (kind <= 4) return spelled(random, ['', 'x', '",}', '\\', '\\"', '{[', 'tab\t', '💌é', 'payload'][random(9)]!);
  if (kind === 5) return `[${list(random, () => randomValue(random, depth + 1))}]`;
  return randomObject(random, depth + 1);
}

function randomObject(random: Random, depth: number): string {
  const member = () =>
    `${spelled(random, KEYS[random(KEYS.length)]!)}${space(random)}:${space(random)}${randomValue(random, depth)}`;
  return `{${list(random, member)}}`;
}

function list(random: Random, item: () => string): string {
  const items = Array.from({ length: random(5) }, () => space(random) + item() + space(random));
  return items.length > 0 ? items.join(',') : space(random);
}

/** A JSON string in which some characters are escaped that need not be. */
function spelled(random: Random, text: string): string {
  if (random(2) === 0) return JSON.stringify(text);
  const unit = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `"${text
    .split('')
    .map((char) => (random(2) === 0 || /["\\\t\ud800-\udfff]/.test(char) ? unit(char) : char))
    .join('')}"`;
}

function space(random: Random): string {
  return ['', '', '', ' ', '\n', '\t\r\n '][random(6)]!;
}
