import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

type Schema = Record<string, any>;

/** Text that programs stumble over. */
const ODD_TEXTS = [
  '',
  ' ',
  '-',
  '0',
  'null',
  'undefined',
  'true',
  '[object Object]',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '%00',
  '\u0000',
  '\u0008',
  '\r\nx-injected: 1',
  "' OR 1=1 --",
  '`; DROP TABLE message; --',
  '${jndi:ldap://a}',
  '<script>',
  '\ud800',
  '\udc00\ud800',
  'ä',
  'é'.normalize('NFD'),
  '漢字',
  '🦄',
  '\u202e',
  '\ufeff',
  '\u2028',
  'a'.repeat(256),
  'a'.repeat(257),
  'x'.repeat(10_000),
  '🦄'.repeat(2_000),
  'app_',
  'ep_',
  'msg_',
  'app_000000000000000000000000000',
  'msg_zzzzzzzzzzzzzzzzzzzzzzzzzzz',
  'atmpt_aWgEPTl1tmebfsQzFP4bxwgy80V',
  '-msg_aWgEPTl1tmebfsQzFP4bxwgy80V',
  'whsec_',
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
  'http://',
  'http://192.0.2.99/hook',
  'https://user:pa%73s@192.0.2.98:8443/a?b#c',
  'http://[::1]:0/',
  'http://0x7f.1/',
  'javascript:alert(1)',
  'file:///etc/passwd',
  '2026-01-02T03:04:05Z',
  '2026-02-30T00:00:00Z',
  '0000-00-00',
  '9999-12-31T23:59:59.999999999+14:00',
  '275760-09-13T00:00:00Z',
  '1e999',
  '-9223372036854775809',
];

/** Those about which this API has an opinion; others come from the whole range. */
const ODD_NUMBERS = [-1, 249, 250, 251, 4096, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e21];
const NOW = Date.now();
const HOUR_MS = 3_600_000;
/** What stands for a property that is left out. */
const ABSENT = Symbol('absent');

/** What is usual, but with a probability something else. What failed is tried with the usual too. */
export function sometimes<Odd, Usual>(probability: number, odd: Arbitrary<Odd>, usual: Arbitrary<Usual>): Arbitrary<Odd | Usual> {
  const weight = Math.round(probability * 1000);
  return fc.oneof({ withCrossShrink: true }, { weight: 1000 - weight, arbitrary: usual }, { weight, arbitrary: odd });
}

/** Text of any kind. */
export const text: Arbitrary<string> = fc.oneof(
  { weight: 7, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

const number = fc.oneof(
  fc.constantFrom(...ODD_NUMBERS),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Any JSON value. */
export const anything: Arbitrary<unknown> = fc.anything({
  key: text,
  values: [fc.constant(null), fc.boolean(), number, text],
  maxDepth: 3,
  maxKeys: 4,
});

/** Arrays in arrays, as JSON: deeper than any parser likes to go. */
export function deep(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

/** Makes values that a schema allows, or nearly: the more mistakes, the less. */
export function valuesOf(schemas: Schema, mistakes: number): (schema: Schema) => Arbitrary<unknown> {
  const named = new Map<string, Arbitrary<unknown>>();

  const valueFor = (schema: Schema): Arbitrary<unknown> => sometimes(mistakes, anything, allowed(schema));

  const allowed = (schema: Schema): Arbitrary<unknown> => {
    if (schema['$ref']) return referredTo(String(schema['$ref']).split('/').at(-1)!);
    if (schema['anyOf']) return fc.oneof(...(schema['anyOf'] as Schema[]).map(valueFor));
    if (schema['enum']) return fc.constantFrom(...schema['enum']);
    if (schema['const'] !== undefined) return fc.constant(schema['const']);
    if (Array.isArray(schema['type'])) return fc.oneof(...schema['type'].map((type: string) => allowed({ ...schema, type })));
    if (schema['type'] === 'object') return objectFor(schema);
    if (schema['type'] !== 'array') return scalarFor(schema);
    const minLength: number = schema['minItems'] ?? 0;
    return fc.array(valueFor(schema['items'] ?? {}), { minLength, maxLength: minLength + 2 });
  };

  const referredTo = (name: string): Arbitrary<unknown> => {
    const value = named.get(name) ?? allowed(schemas[name]);
    named.set(name, value);
    return value;
  };

  const objectFor = (schema: Schema): Arbitrary<unknown> => {
    const absent = fc.constant(ABSENT);
    const known = Object.entries((schema['properties'] ?? {}) as Schema).map(([name, property]) => {
      const promised = promisedBy(name);
      const value = promised ? sometimes(0.2, valueFor(property), promised) : valueFor(property);
      const required = schema['required']?.includes(name);
      return [name, required ? sometimes(mistakes, absent, value) : sometimes(0.35, value, absent)] as const;
    });
    const others = fc.dictionary(fc.constantFrom('a', 'order', '__proto__', 'ä'), sometimes(0.3, anything, fc.constant('text')), {
      maxKeys: 3,
    });
    const more = sometimes(schema['additionalProperties'] ? 0.8 : mistakes, others, fc.constant({}));
    return fc
      .tuple(fc.record(Object.fromEntries(known)), more)
      .map((parts) => Object.fromEntries(parts.flatMap((part) => Object.entries(part)).filter(([, value]) => value !== ABSENT)));
  };

  return valueFor;
}

/** What a name promises beyond its schema. */
function promisedBy(name: string): Arbitrary<unknown> | null {
  switch (name) {
    // Addresses that are refused before anything is looked up or connected to.
    case 'url':
      return fc.nat(49).map((host) => `http://192.0.2.${host}/hook`);
    case 'eventType':
      return fc.oneof(
        fc.constantFrom('svix.ping', 'order.paid'),
        fc.nat(49).map((suffix) => `name-${suffix}`),
      );
    case 'disabled':
      return fc.constant(true);
    case 'since':
      return fc.nat(20 * 24).map((hours) => dateAt(-hours));
    case 'until':
    case 'deliverAt':
      return fc.nat(2).map((hours) => dateAt(hours));
    case 'secret':
    case 'key':
      return fc.constant('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    case 'eventTypes':
    case 'filterTypes':
      return fc.constant(null);
    default:
      return null;
  }
}

function dateAt(hours: number): string {
  return new Date(NOW + hours * HOUR_MS).toISOString();
}

function scalarFor({ type, format, minimum = 0, maximum = 100 }: Schema): Arbitrary<unknown> {
  if (type === 'string' && format === 'date-time') {
    const whenever = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') });
    return sometimes(
      0.3,
      whenever.map((date) => date.toISOString()),
      fc.constant(dateAt(0)),
    );
  }
  if (type === 'string') {
    // Of letters that every pattern here allows.
    const other = fc.string({ unit: fc.constantFrom(...'aZ09-_.'), minLength: 1, maxLength: 20 });
    return sometimes(
      0.2,
      other,
      fc.nat(999).map((suffix) => `name-${suffix}`),
    );
  }
  if (type === 'integer' || type === 'number')
    return fc.integer({ min: Math.max(minimum, -1000), max: Math.min(maximum, 100_000) });
  if (type === 'boolean') return fc.boolean();
  return type === 'null' ? fc.constant(null) : anything;
}
