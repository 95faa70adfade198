import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { anything, deep, sometimes } from './values.js';

/** What is sent, and how it is written. Latin-1 leaves its characters to be bytes of no UTF-8. */
export interface Body {
  text: string;
  encoding: 'utf8' | 'utf16le' | 'latin1';
}

type Spoil = (json: string, position: number) => string | Body;

const LONG = [70_000, 1_500_000];
const DEPTHS = [50, 1_000, 100_000];

const SPOILS: Spoil[] = [
  () => '',
  (json, position) => json.slice(0, position % json.length),
  (json, position) => `${json.slice(0, position % json.length)}\0${json.slice(position % json.length)}`,
  ...[',', '}', '\0'].map(
    (end): Spoil =>
      (json) =>
        json + end,
  ),
  (json) => json + json,
  (json) => `\ufeff${json}`,
  (json) => ({ text: json, encoding: 'utf16le' }),
  (json) => ({ text: `${json.slice(0, -1)}\xff\xfe\xc0}`, encoding: 'latin1' }),
  (json) => json.replace(/:/, ':1e999,"again":'),
  (json) => json.replace(/"[^"]*":/, (key) => `${key}1,${key}`),
  ...DEPTHS.map(
    (levels): Spoil =>
      (json) =>
        json.replace(/:[^,}]*/, `:${deep(levels)}`),
  ),
  () => deep(100_000),
  ...LONG.map(
    (length): Spoil =>
      () =>
        `{"payload":{"a":"${'x'.repeat(length)}"},"eventType":"a","name":"a"}`,
  ),
];

/** Bodies of an operation that takes such values, or none. */
export function bodiesOf(values: Arbitrary<unknown> | null, mistakes: number): Arbitrary<Body | null> {
  const none = fc.constant(null);
  const nonsense = anything.map((value) => JSON.stringify(value));
  if (values === null) return sometimes(0.2, nonsense.map(inUtf8), none);
  const good = values.map((value) => JSON.stringify(value));
  const spoiled = fc.tuple(good, fc.constantFrom(...SPOILS), fc.nat()).map(([json, spoil, position]) => spoil(json, position));
  const wrong = fc.oneof(
    { weight: 14, arbitrary: spoiled.map(inUtf8) },
    { weight: 2, arbitrary: nonsense.map(inUtf8) },
    { weight: 1, arbitrary: none },
  );
  return sometimes(mistakes, wrong, good.map(inUtf8));
}

function inUtf8(body: string | Body): Body {
  return typeof body === 'string' ? { text: body, encoding: 'utf8' } : body;
}
