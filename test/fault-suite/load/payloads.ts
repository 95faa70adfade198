import { createHash } from 'node:crypto';

export const EVENT_TYPES = ['order.paid', 'order.sent', 'user.created'] as const;

/** Source texts that no serializer writes, so that a changed byte is found. Each has the message's number as `n`. */
const SHAPES: ((n: number) => string)[] = [
  (n) => `{"n":${n}, "total": 12.50,\t"greeting": "gr\\u00fc\\u00dfe \u{1F4EF}" , "items" :[ ] }`,
  (n) => `{ "n" :${n} ,"big":12345678901234567890,"small":1E-7,"zero":-0.0}`,
  (n) => `{"n":${n},"slash":"\\/ \\u2028 \u00e9\u0301 \\ud83d\\ude00","nested":{"a":[1,[2.0,{"b":null}]]}}`,
  (n) => `{\n  "n": ${n},\r\n  "text": "${'long text, '.repeat(n % 60)}"\n}`,
];

/** The bytes to send of message `n`. */
export function payloadOf(n: number): string {
  return SHAPES[n % SHAPES.length]!(n);
}

export function typeOf(n: number): string {
  return EVENT_TYPES[Math.floor(n / SHAPES.length) % EVENT_TYPES.length]!;
}

export function hashOf(text: string | Buffer): string {
  return createHash('sha1').update(text).digest('base64url');
}

/** The number of the message with this payload; -1 if there is none. */
export function numberIn(payload: string): number {
  return Number(/"n"\s*:\s*(\d+)/.exec(payload)?.[1] ?? -1);
}
