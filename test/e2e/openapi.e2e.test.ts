import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { httpErrorOut, httpValidationError } from '../../src/api/http-support/api-error.js';
import { REFUSALS } from '../../src/api/openapi/refusals.js';
import { missing, structureOf, type Structure } from '../openapi/structure.js';
import { startApp, type TestApp } from '../support/app.js';
import { belongings, type Belongings } from '../support/belongings.js';
import { called, keyOf, operations, routesOf } from '../support/operations.js';

/** Names and enumerations of the reference server's document; made by `structureOf` from the document itself. */
const DIGEST = resolve(import.meta.dirname, '../openapi/reference-structure.json');
/** The document itself, where there is one. */
const REFERENCE = process.env['OPENAPI_REFERENCE'];

const digest = JSON.parse(readFileSync(DIGEST, 'utf8')) as Structure;

let app: TestApp;
let document: any;
let own: Belongings;

beforeAll(async () => {
  app = await startApp();
  document = (await app.root.get('/api/v1/openapi.json')).body;
  own = await belongings(app, app.token);
});
afterAll(() => app.stop());

describe('the OpenAPI document', () => {
  it('is served to everybody', async () => {
    const { status, headers } = await app.root.get('/api/v1/openapi.json');
    expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('application/json')]);
    expect(document.openapi).toBe('3.1.0');
  });

  it('has every path, method, parameter, property, required flag and enumeration of the reference', () => {
    expect(missing(digest, structureOf(document))).toEqual([]);
  });

  it('is compared with a digest that is that of the reference', () => {
    if (REFERENCE === undefined) return expect(existsSync(DIGEST)).toBe(true);
    expect(digest).toEqual(structureOf(JSON.parse(readFileSync(REFERENCE, 'utf8'))));
  });

  it('describes every route of the API', () => {
    const routes = routesOf(app).filter(({ path }) => path.startsWith('/api/v1/'));
    // Each handler needs its @Operation, and its controller a @Tag.
    expect(routes.filter(({ operation, tag }) => operation === undefined || tag === undefined).map(keyOf)).toEqual([]);
  });

  it('shows a body with each request that has one, and the request takes it', () => {
    // Messages of a batch are checked one by one, by what handles it.
    const bodies = routesOf(app).filter(({ body, path }) => body && !path.endsWith('/msg/batch'));
    const exampleOf = ({ path, method }: { path: string; method: string }) =>
      document.paths[path][method.toLowerCase()].requestBody.content['application/json'].example;
    const refused = bodies.filter((route) => !route.body!.safeParse(recent(exampleOf(route))).success);

    expect(bodies.length).toBeGreaterThan(30);
    expect(refused.map((route) => [keyOf(route), exampleOf(route)])).toEqual([]);
    const { patch } = document.paths['/api/v1/app/{app_id}'];
    expect(patch.requestBody.content['application/json'].example).toEqual({ name: 'Acme' });
    expect(bodies.filter((route) => Object.keys(exampleOf(route)).length === 0).map(keyOf)).toEqual([]);
  });

  it('shows an answer of each refusal, which its schema takes', () => {
    const { responses } = document.paths['/api/v1/app'].post;
    const shown = Object.entries(responses).filter(([status]) => Number(status) >= 400) as [string, any][];

    expect(shown.map(([status]) => status)).toEqual(Object.keys(REFUSALS));
    for (const [status, { content }] of shown) {
      const schema = status === '422' ? httpValidationError : httpErrorOut;
      expect([status, schema.safeParse(content['application/json'].example).success]).toEqual([status, true]);
    }
  });

  it('tells the two statuses apart with which an application is there', () => {
    const { responses } = document.paths['/api/v1/app'].post;

    expect(responses[200].description).toBe('It was there before');
    expect(responses[201].description).toBe('It was created');
  });

  it('shows an answer of each operation that has one', () => {
    const contentOf = (path: string, method: string, status: number) =>
      document.paths[path][method].responses[status].content['application/json'];
    const hook = { url: 'https://example.com/webhooks', eventTypes: ['order.paid'], disabled: false };

    expect(contentOf('/api/v1/app/{app_id}/endpoint', 'post', 201).example).toMatchObject({
      id: expect.stringMatching(/^ep_/),
      ...hook,
    });
    expect(contentOf('/api/v1/app/{app_id}/endpoint/{endpoint_id}/msg', 'get', 200).example).toMatchObject({
      data: [{ id: expect.stringMatching(/^msg_/), eventType: 'order.paid' }],
      done: true,
    });
    for (const { path, method, operation } of routesOf(app).filter((route) => route.path.startsWith('/api/v1/')))
      for (const [status, schema] of Object.entries(operation!.answers))
        if (schema !== null) expect(contentOf(path, method.toLowerCase(), Number(status))).toHaveProperty('example');
  });

  it('marks operations at deprecated paths', () => {
    const operations = Object.values(document.paths).flatMap((methods: any) => Object.values(methods)) as any[];
    const named = operations.filter(({ summary }) => summary.includes('deprecated path'));

    expect(named).toHaveLength(3);
    expect(operations.filter(({ deprecated }) => deprecated)).toEqual(named);
  });

  it('shows first what a newcomer needs', () => {
    const tags = Object.values(document.paths).flatMap((methods: any) => Object.values(methods).map(({ tags }: any) => tags[0]));
    expect([...new Set(tags)].slice(0, 5)).toEqual(['Application', 'Endpoint', 'Message', 'Message Attempt', 'Event Type']);
  });

  it('gives every operation a name of its own', () => {
    const ids = Object.values(document.paths).flatMap((methods: any) =>
      Object.values(methods).map(({ operationId }: any) => operationId),
    );
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('refers to nothing that is not in it', () => {
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
    expect(names.filter((name) => !(name in document.components.schemas))).toEqual([]);
  });

  it('says what every query parameter is', () => {
    const nameless = Object.entries(document.paths).flatMap(([path, methods]: [string, any]) =>
      Object.values(methods).flatMap(({ parameters }: any) =>
        parameters.filter(({ description }: any) => description === undefined).map(({ name }: any) => `${path} ${name}`),
      ),
    );
    expect(nameless).toEqual([]);
  });

  it('shows a limit for each text, list and record that a request may have', () => {
    const unbounded: string[] = [];
    const seen = new Set<string>();
    const visit = (at: string, schema: any): void => {
      if (schema === null || typeof schema !== 'object') return;
      const name = schema.$ref?.split('/').at(-1);
      if (name !== undefined) {
        if (seen.has(name)) return;
        seen.add(name);
        return visit(name, document.components.schemas[name]);
      }
      const fixed = schema.enum ?? schema.const;
      if (schema.type === 'string' && fixed === undefined && schema.maxLength === undefined) unbounded.push(at);
      if (schema.type === 'array' && schema.maxItems === undefined) unbounded.push(at);
      const hasOwnKeys = schema.type === 'object' && Object.keys(schema.additionalProperties ?? {}).length > 0;
      if (hasOwnKeys && schema.maxProperties === undefined) unbounded.push(at);
      for (const [key, part] of Object.entries(schema.properties ?? {})) visit(`${at}.${key}`, part);
      for (const part of [schema.items, schema.additionalProperties, ...(schema.anyOf ?? []), ...(schema.allOf ?? [])])
        visit(at, part);
    };
    for (const [path, methods] of Object.entries<any>(document.paths)) {
      for (const [method, { parameters, requestBody }] of Object.entries<any>(methods)) {
        const at = `${method} ${path}`;
        for (const { name, schema } of parameters) visit(`${at} ${name}`, schema);
        if (requestBody === undefined) continue;
        visit(at, requestBody.content['application/json'].schema);
        if (!(requestBody['x-max-bytes'] > 0)) unbounded.push(at);
      }
    }
    expect(unbounded).toEqual([]);
  });
});

describe('an answer has what the document says, and nothing else:', () => {
  const answering = operations().filter(({ method, path }) => path.startsWith('/api/v1/') && method !== 'DELETE');

  it.each(answering.map((operation) => [operation.key, operation] as const))('%s', async (_key, operation) => {
    const token = operation.for === 'every token' ? app.tokenFor(app.orgId) : app.token;
    const { status, body } = await called(app, operation, own, token);
    const said = document.paths[operation.path][operation.method.toLowerCase()].responses[status];
    expect([status, said]).toEqual([status, expect.anything()]);
    if (said.content === undefined) return expect(body).toBeNull();
    const schema = strictly(said.content['application/json'].schema);
    expect(z.fromJSONSchema(schema).safeParse(body).error?.issues).toBeUndefined();
  });

  /** The schema with its references beside it, closed to properties that it doesn't name. */
  function strictly(schema: any): any {
    const closed = (value: any): any => {
      if (Array.isArray(value)) return value.map(closed);
      if (typeof value !== 'object' || value === null) return value;
      const turned = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, closed(item)]));
      if ('$ref' in turned) turned['$ref'] = turned['$ref'].replace('#/components/schemas/', '#/$defs/');
      return turned['type'] === 'object' && turned['properties'] ? { additionalProperties: false, ...turned } : turned;
    };
    return { ...closed(schema), $defs: closed(document.components.schemas) };
  }
});

/** What is recovered may be some days old; the time of an example gets older. */
function recent(example: object): object {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  return {
    ...example,
    ...('since' in example && { since: minutesAgo(2) }),
    ...('until' in example && { until: minutesAgo(1) }),
  };
}
