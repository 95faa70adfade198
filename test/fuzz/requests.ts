import type { Belongings } from '../support/belongings.js';
import { idsAt } from '../support/operations.js';
import type { Random } from './random.js';
import { anything, deep, ODD_TEXTS, text, valueFor } from './values.js';

type Json = Record<string, any>;

/** A request as it goes out. */
export interface Request {
  operation: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer | null;
}

/** Whom requests speak for. */
export interface Tokens {
  organization: string;
  application: string;
  readOnly: string;
}

interface Operation {
  method: string;
  path: string;
  parameters: Json[];
  body: Json | null;
}

/** Longer ones are refused by closing the connection, under the requests of others. */
const LONGEST_URL = 12_000;
const OTHER_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND'];
const CONTENT_TYPES = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'multipart/form-data',
  'nonsense',
  '',
  ';',
];

/** Every operation of an OpenAPI document. */
export function operationsOf(document: Json): Operation[] {
  return Object.entries(document['paths'] as Json).flatMap(([path, methods]: [string, Json]) =>
    Object.entries(methods).map(([method, operation]: [string, Json]) => ({
      method: method.toUpperCase(),
      path,
      parameters: operation['parameters'] ?? [],
      body: operation['requestBody']?.content['application/json'].schema ?? null,
    })),
  );
}

/** Some request at an operation: good, nearly good, or nonsense. */
export function requestAt(random: Random, operation: Operation, schemas: Json, ids: Belongings, tokens: Tokens): Request {
  const mistakes = random.pick([0, 0, 0.02, 0.1, 0.4]);
  const method = random.chance(mistakes / 4) ? random.pick(OTHER_METHODS) : operation.method;
  const bodiless = method === 'GET' || method === 'HEAD';
  const given = bodiless && !random.chance(mistakes) ? null : bodyFor(random, operation.body, schemas, mistakes);
  return {
    operation: `${operation.method} ${operation.path}`,
    method,
    path: (pathFor(random, operation, ids, mistakes) + queryFor(random, operation.parameters, schemas, mistakes)).slice(
      0,
      LONGEST_URL,
    ),
    headers: headersFor(random, tokens, mistakes),
    body: given === null ? null : Buffer.from(given),
  };
}

function pathFor(random: Random, { path, method }: Operation, ids: Belongings, mistakes: number): string {
  // Those that everything else is asked about live longer if fewer requests end them.
  const spared = method === 'DELETE' && /\{(app|endpoint)_id\}$/.test(path) && random.chance(0.9);
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const known = idsAt(path, ids)[name];
    const real = known !== undefined && !random.chance(mistakes) && !(spared && path.endsWith(`{${name}}`));
    return real ? encodeURIComponent(known) : oddStep(random);
  });
  if (random.chance(mistakes / 4)) return random.pick([`${filled}/`, `/${filled}`, `${filled}/more`, filled.toUpperCase(), '/']);
  return filled;
}

function oddStep(random: Random): string {
  if (random.chance(0.1)) return random.pick(['%E0%A4%A', '%', '%zz', '%00', '..', '%2e%2e%2f', '%2F', ';a=b', 'a%20b']);
  return encoded(text(random)) || 'a';
}

function queryFor(random: Random, parameters: Json[], schemas: Json, mistakes: number): string {
  const pairs = parameters
    .filter((parameter) => parameter['in'] === 'query' && random.chance(0.3))
    .map(({ name, schema }) => {
      const value = valueFor(random, schema as Json, schemas, mistakes);
      const key = random.chance(mistakes) ? random.pick([`${name}[]`, `${name}[0]`, `${name}[a]`, `${name}.a`, name]) : name;
      return `${key}=${encoded(typeof value === 'string' ? value : String(JSON.stringify(value))).replace(/^%5B|%5D$|%22/g, '')}`;
    });
  if (random.chance(mistakes)) pairs.push(`${encoded(text(random))}=${encoded(text(random))}`, pairs[0] ?? 'limit');
  if (random.chance(mistakes / 4))
    pairs.push(random.pick(['%E0%A4%A', '__proto__[a]=b', '&&&', '=', '?', `a=${'b'.repeat(8_000)}`]));
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function headersFor(random: Random, tokens: Tokens, mistakes: number): Record<string, string> {
  const token = random.chance(0.8) ? tokens.organization : random.pick([tokens.application, tokens.readOnly]);
  const headers: Record<string, string> = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const odd = () =>
    random
      .pick(ODD_TEXTS)
      .slice(0, 500)
      .replace(/[^\x20-\x7e\x80-\xff]/g, '?');
  if (random.chance(mistakes / 8))
    headers['authorization'] = random.pick(['', 'Bearer', 'Bearer a.b.c', `Bearer ${token}x`, 'Basic YTpi', odd()]);
  if (random.chance(mistakes)) headers['content-type'] = random.pick(CONTENT_TYPES);
  if (random.chance(mistakes / 2)) headers['content-encoding'] = random.pick(['gzip', 'br', 'identity', 'nonsense']);
  if (random.chance(0.2)) headers['idempotency-key'] = random.chance(0.7) ? `key-${random.below(1_000_000)}` : odd();
  if (random.chance(mistakes)) headers[random.pick(['x-request-id', 'traceparent', 'accept', 'origin', 'svix-req-id'])] = odd();
  return headers;
}

function bodyFor(random: Random, schema: Json | null, schemas: Json, mistakes: number): Buffer | string | null {
  if (schema === null) return random.chance(0.8) ? null : JSON.stringify(anything(random));
  const good = JSON.stringify(valueFor(random, schema, schemas, mistakes));
  if (!random.chance(mistakes)) return good;
  return random.pick<() => Buffer | string | null>([
    () => null,
    () => '',
    () => good.slice(0, random.below(good.length)),
    () => `${good}${random.pick([',', '}', '\0', good])}`,
    () => `\ufeff${good}`,
    () => Buffer.from(good, 'utf16le'),
    () => Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('}')]),
    () => good.replace(/:/, ':1e999,"again":'),
    () => good.replace(/"[^"]*":/, (key) => `${key}1,${key}`),
    () => good.replace(/:[^,}]*/, `:${deep(random.pick([50, 1_000, 100_000]))}`),
    () => deep(100_000),
    () => `{"payload":{"a":"${'x'.repeat(random.pick([70_000, 1_500_000]))}"},"eventType":"a","name":"a"}`,
    () => JSON.stringify(anything(random)),
  ])();
}

function encoded(value: string): string {
  // A lone surrogate can't be written in UTF-8.
  return encodeURIComponent(value.toWellFormed());
}
