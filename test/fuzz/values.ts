import type { Random } from './random.js';

type Schema = Record<string, any>;

/** Text that programs stumble over. */
export const ODD_TEXTS = [
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

const ODD_NUMBERS = [
  0,
  -0,
  -1,
  1,
  0.5,
  249,
  250,
  251,
  4096,
  65_535,
  65_536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e308,
  5e-324,
];

/** Text of any kind. */
export function text(random: Random): string {
  if (random.chance(0.7)) return random.pick(ODD_TEXTS);
  const length = random.below(20);
  return Array.from({ length }, () => String.fromCodePoint(1 + random.below(random.chance(0.8) ? 126 : 0xd7ff))).join('');
}

/** Any JSON value. */
export function anything(random: Random, depth = 3): unknown {
  const kind = random.below(depth > 0 ? 7 : 4);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(0.5);
  if (kind === 2) return random.pick(ODD_NUMBERS);
  if (kind === 3 || kind === 4) return text(random);
  const items = Array.from({ length: random.below(4) }, () => anything(random, depth - 1));
  return kind === 5 ? items : Object.fromEntries(items.map((item) => [text(random), item]));
}

/** Arrays in arrays, as JSON: deeper than any parser likes to go. */
export function deep(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

/** A value that a schema allows, or nearly: the more mistakes, the less. */
export function valueFor(random: Random, schema: Schema, schemas: Schema, mistakes: number): unknown {
  if (random.chance(mistakes)) return anything(random);
  if (schema['$ref']) return valueFor(random, schemas[String(schema['$ref']).split('/').at(-1)!], schemas, mistakes);
  if (schema['anyOf']) return valueFor(random, random.pick(schema['anyOf']), schemas, mistakes);
  if (schema['enum']) return random.pick(schema['enum']);
  if (schema['const'] !== undefined) return schema['const'];
  const type = Array.isArray(schema['type']) ? random.pick(schema['type']) : schema['type'];
  if (type === 'object') return objectFor(random, schema, schemas, mistakes);
  if (type === 'array') {
    return Array.from({ length: (schema['minItems'] ?? 0) + random.below(3) }, () =>
      valueFor(random, schema['items'] ?? {}, schemas, mistakes),
    );
  }
  return scalarFor(random, type, schema);
}

function objectFor(random: Random, schema: Schema, schemas: Schema, mistakes: number): unknown {
  const required: string[] = schema['required'] ?? [];
  const properties = Object.entries((schema['properties'] ?? {}) as Schema).filter(([name]) =>
    required.includes(name) ? !random.chance(mistakes) : random.chance(0.35),
  );
  const known = properties.map(([name, property]) => [
    name,
    named(random, name) ?? valueFor(random, property, schemas, mistakes),
  ]);
  const more = random.some(['a', 'order', '__proto__', 'ä'], schema['additionalProperties'] ? 0.4 : mistakes);
  return Object.fromEntries([...known, ...more.map((name) => [name, random.chance(0.7) ? 'text' : anything(random, 1)])]);
}

/** What a name promises beyond its schema. */
function named(random: Random, name: string): unknown {
  if (random.chance(0.2)) return undefined;
  // Addresses that are refused before anything is looked up or connected to.
  if (name === 'url') return `http://192.0.2.${random.below(50)}/hook`;
  if (name === 'eventType') return random.pick(['svix.ping', 'order.paid', `name-${random.below(50)}`]);
  if (name === 'disabled') return true;
  if (name === 'since') return new Date(Date.now() - random.below(20) * 86_400_000).toISOString();
  if (name === 'until' || name === 'deliverAt') return new Date(Date.now() + random.below(3) * 3_600_000).toISOString();
  if (name === 'secret' || name === 'key') return 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  if (name === 'eventTypes' || name === 'filterTypes') return null;
  return undefined;
}

function scalarFor(random: Random, type: string | undefined, schema: Schema): unknown {
  if (type === 'string') return schema['format'] === 'date-time' ? new Date().toISOString() : `name-${random.below(1000)}`;
  if (type === 'integer' || type === 'number') {
    const least = Math.max(schema['minimum'] ?? 0, -1000);
    return least + random.below(Math.min((schema['maximum'] ?? 100) - least + 1, 100_000));
  }
  if (type === 'boolean') return random.chance(0.5);
  if (type === 'null') return null;
  return anything(random, 1);
}
