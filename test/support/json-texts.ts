import * as fc from 'fast-check';

const SPACES = ['', '', '', ' ', '\n', '\t\r\n '];
const NUMBERS = ['1152921506151679042', '18446744073709551615', '1e400', '-1E-400', '1.10', '-0', '0.1e+2', '7'];
const STRINGS = ['', 'a', '\\u0041', '\\/', 'é💌', '\\ud800', '}]{[', '\\"', '\\\\', '__proto__', '\\u0000', '$&', "$'"];

const space = fc.constantFrom(...SPACES);
const string = fc.oneof(
  fc.constantFrom(...STRINGS).map((text) => `"${text}"`),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => JSON.stringify(text)),
);
const scalar = fc.oneof(string, fc.constantFrom(...NUMBERS, 'true', 'false', 'null'));

/** JSON texts as people and machines write them: odd numbers, escapes, spaces, and keys that come twice. */
export const { value: jsonText, object: jsonObjectText } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('list'), tie('object')),
  list: enclosed('[', tie('value'), ']'),
  object: enclosed(
    '{',
    fc.tuple(string, space, space, tie('value')).map(([key, before, after, value]) => `${key}${before}:${after}${value}`),
    '}',
  ),
}));

function enclosed(open: string, item: fc.Arbitrary<string>, close: string): fc.Arbitrary<string> {
  const items = fc.array(fc.tuple(space, item, space), { maxLength: 4 });
  return fc.tuple(items, space).map(([all, empty]) => `${open}${all.map((parts) => parts.join('')).join(',') || empty}${close}`);
}
