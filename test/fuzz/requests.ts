import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { bodiesOf, type Body } from './bodies.js';
import { sometimes, text, valuesOf } from './values.js';

type Json = Record<string, any>;
type Values = (schema: Json) => Arbitrary<unknown>;

/** A request with gaps for what is known only when it goes out: ids like {app_id} in its path, a token in its headers. */
export interface Request {
  operation: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Body | null;
}

interface Operation {
  key: string;
  method: string;
  path: string;
  parameters: Json[];
  body: Json | null;
}

/** How often something is wrong. */
const MOODS = [
  { mistakes: 0, weight: 3 },
  { mistakes: 0.02, weight: 1 },
  { mistakes: 0.1, weight: 1 },
  { mistakes: 0.4, weight: 1 },
];
/** Operations that wait a second for what their queue has are asked less often, as a whole batch waits with them. */
const SLOW = ['GET /api/v1/admin/dead-letter', 'POST /api/v1/admin/redrive-dlq'];
const BODILESS = ['GET', 'HEAD'];
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
const ODD_STEPS = ['%E0%A4%A', '%', '%zz', '%00', '..', '%2e%2e%2f', '%2F', ';a=b', 'a%20b'];
const ODD_QUERIES = ['%E0%A4%A', '__proto__[a]=b', '&&&', '=', '?', `a=${'b'.repeat(8_000)}`];
const ODD_PATHS: ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => `${path}/more`,
  (path) => path.replace(/^[\w/]+/, (start) => start.toUpperCase()),
  () => '/',
];

/** Every operation of an OpenAPI document. */
export function operationsOf(document: Json): Operation[] {
  return Object.entries(document['paths'] as Json).flatMap(([path, methods]: [string, Json]) =>
    Object.entries(methods).map(([method, operation]: [string, Json]) => ({
      key: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters: operation['parameters'] ?? [],
      body: operation['requestBody']?.content['application/json'].schema ?? null,
    })),
  );
}

/** Some request at one of the operations: good, nearly good, or nonsense. */
export function requestsAt(operations: Operation[], schemas: Json): Arbitrary<Request> {
  const inMood = (mistakes: number) => {
    const values = valuesOf(schemas, mistakes);
    return fc.oneof(
      ...operations.map((operation) => ({
        weight: SLOW.includes(operation.key) ? 1 : 5,
        arbitrary: requestsOf(operation, values, mistakes),
      })),
    );
  };
  return fc.oneof(...MOODS.map(({ mistakes, weight }) => ({ weight, arbitrary: inMood(mistakes) })));
}

function requestsOf(operation: Operation, values: Values, mistakes: number): Arbitrary<Request> {
  return fc
    .record({
      method: sometimes(mistakes / 4, fc.constantFrom(...OTHER_METHODS), fc.constant(operation.method)),
      path: pathsOf(operation, mistakes),
      query: queriesOf(operation.parameters, values, mistakes),
      headers: headersOf(mistakes),
      body: bodiesOf(operation.body && values(operation.body), mistakes),
      anyway: sometimes(mistakes, fc.constant(true), fc.constant(false)),
    })
    .map(({ method, path, query, headers, body, anyway }) => {
      const sent = BODILESS.includes(method) && !anyway ? null : body;
      const request = { operation: operation.key, method, path: path + query, headers, body: sent };
      return Object.assign(request, { [fc.toStringMethod]: () => described(request) });
    });
}

function pathsOf({ path, method }: Operation, mistakes: number): Arbitrary<string> {
  // Those that everything else is asked about live longer if fewer requests end them.
  const spared = method === 'DELETE' && /\{(app|endpoint)_id\}$/.test(path);
  const steps = path
    .split('/')
    .map((step) =>
      step.startsWith('{')
        ? sometimes(spared && path.endsWith(step) ? Math.max(0.9, mistakes) : mistakes, oddStep, fc.constant(step))
        : fc.constant(step),
    );
  const odd = sometimes(
    mistakes / 4,
    fc.constantFrom(...ODD_PATHS),
    fc.constant((all: string) => all),
  );
  return fc.tuple(odd, ...steps).map(([change, ...all]) => change(all.join('/')));
}

const oddStep = sometimes(
  0.1,
  fc.constantFrom(...ODD_STEPS),
  text.map((step) => encoded(step) || 'a'),
);

function queriesOf(parameters: Json[], values: Values, mistakes: number): Arbitrary<string> {
  const none = fc.constant<string[]>([]);
  const known = parameters
    .filter((parameter) => parameter['in'] === 'query')
    .map(({ name, schema }) => {
      const key = sometimes(mistakes, fc.constantFrom(`${name}[]`, `${name}[0]`, `${name}[a]`, `${name}.a`), fc.constant(name));
      return sometimes(0.3, fc.tuple(key, values(schema as Json)).map(pair), none);
    });
  const more = fc.tuple(text, text).map(([name, value]) => [`${encoded(name)}=${encoded(value)}`]);
  const twice = parameters.length > 0 ? fc.constantFrom(...parameters.map(({ name }) => [`${name}=1`, `${name}=a`])) : none;
  return fc
    .tuple(
      ...known,
      sometimes(mistakes, more, none),
      sometimes(mistakes / 2, twice, none),
      sometimes(mistakes / 4, fc.constantFrom(...ODD_QUERIES.map((query) => [query])), none),
    )
    .map((pairs) => pairs.flat().join('&'))
    .map((query) => (query === '' ? '' : `?${query}`));
}

/** Lists are written with commas. */
function pair([name, value]: [string, unknown]): string[] {
  const written = typeof value === 'string' ? value : String(JSON.stringify(value));
  return [`${name}=${encoded(written).replace(/^%5B|%5D$|%22/g, '')}`];
}

function headersOf(mistakes: number): Arbitrary<Record<string, string>> {
  const odd = text.map((value) => value.slice(0, 500).replace(/[^\x20-\x7e\x80-\xff]/g, '?'));
  const none = fc.constant({});
  const named = (name: string, value: Arbitrary<string>) => value.map((given) => ({ [name]: given }));
  const token = fc.oneof(
    { weight: 8, arbitrary: fc.constant('Bearer {organization}') },
    { weight: 2, arbitrary: fc.constantFrom('Bearer {application}', 'Bearer {readOnly}', 'Bearer {operator}') },
  );
  const wrong = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('', 'Bearer', 'Bearer a.b.c', 'Bearer {organization}x', 'Basic YTpi') },
    { weight: 1, arbitrary: odd },
  );
  const key = fc.nat(999_999).map((suffix) => `key-${suffix}`);
  const others = fc.constantFrom('x-request-id', 'traceparent', 'accept', 'origin', 'svix-req-id');
  return fc
    .tuple(
      named('authorization', sometimes(mistakes / 8, wrong, token)),
      named('content-type', sometimes(mistakes, fc.constantFrom(...CONTENT_TYPES), fc.constant('application/json'))),
      sometimes(mistakes / 2, named('content-encoding', fc.constantFrom('gzip', 'br', 'identity', 'nonsense')), none),
      sometimes(0.2, named('idempotency-key', sometimes(0.3, odd, key)), none),
      sometimes(
        mistakes,
        fc.tuple(others, odd).map(([name, value]) => ({ [name]: value })),
        none,
      ),
    )
    .map((headers) => Object.assign({}, ...headers) as Record<string, string>);
}

/** Short enough to be read in a report. */
export function described({ method, path, headers, body }: Request): string {
  return [method, path, JSON.stringify(headers), body?.encoding ?? '', JSON.stringify(body?.text ?? '')]
    .map((part) => (part.length > 300 ? `${part.slice(0, 300)}… (${part.length} characters)` : part))
    .join(' ');
}

function encoded(value: string): string {
  // A lone surrogate can't be written in UTF-8.
  return encodeURIComponent(value.toWellFormed());
}
