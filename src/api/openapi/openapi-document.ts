import { Injectable } from '@nestjs/common';
import { inSteps } from '../../async/steps.js';
import type { z } from 'zod';
import { MAX_LEVELS } from '../../domain/json-depth.js';
import type { Stepwise } from '../../domain/stepwise.js';
import type { Route } from '../auth/route.js';
import { RouteCatalog } from '../auth/route-catalog.js';
import { KEY_SCOPES, scopesAllow } from '../auth/key-scope.js';
import { bodyLimitOf } from '../http-support/bounded.js';
import { ApiDocument } from '../http-support/api-document.js';
import { httpErrorOut, httpValidationError } from '../http-support/api-error.js';
import { TAGS, type OperationInfo, type TagName } from '../http-support/operation.js';
import { OPERATIONAL_EVENTS, type DocumentedEvent } from '../operational-webhook/operational-event.schemas.js';
import { exampleOf } from './example.js';
import { IDEMPOTENCY_KEY, PATH_PARAMETERS, QUERY_PARAMETERS } from './parameters.js';
import { REFUSALS } from './refusals.js';
import { componentSchemas, limited, schemaOf, type Json } from './schemas.js';

const INTRODUCTION =
  'Send webhooks to your customers: create an application for each customer, create its endpoints, and send messages. The official ' +
  'Svix libraries speak this API; give them the URL of this server. Each request carries `Authorization: Bearer <token>`, with ' +
  'a token of an organisation, an application or an operator, or an API key. ' +
  'An operator can set rates and quotas; requests beyond them are answered 429. ' +
  `Bodies are JSON with at most ${MAX_LEVELS} levels of nesting. Payloads and the schemas of event types are stored, shown and sent as ` +
  'the text that you wrote: numbers, spaces and escapes do not change. Operations of the Svix API that this server does not have are ' +
  'answered 404 with the code `not_supported`.';

const WHERE_TOKENS_COME_FROM =
  'On a laptop `npm run token` prints the token of an organisation; in a container `node dist/cli.js token` does. With it you make API keys ' +
  'and the tokens of applications: see Authentication.';

const RETRY_AFTER = { description: 'Whole seconds until trying again makes sense', schema: { type: 'integer', minimum: 1 } };
/** They are there if a rate is set for the organisation; where messages are sent, also if a quota is set. */
const RATE_LIMIT_HEADERS = {
  'RateLimit-Policy': header(
    'The rates and quotas that apply: `q` in `w` seconds each, as in draft-ietf-httpapi-ratelimit-headers-10',
  ),
  RateLimit: header('For each of them what is left (`r`), and the seconds until all of it is there again (`t`)'),
};

/** No id, uid or name in a path is longer. */
const MAX_PATH_PART = 256;

/** A route that is part of the API. */
type Operation = Route & { operation: OperationInfo; tag: TagName };

/** The OpenAPI document. It is generated from the routes at the first request, in steps. */
@Injectable()
export class OpenApiDocument extends ApiDocument {
  private made: Promise<Json> | undefined;

  constructor(private readonly catalog: RouteCatalog) {
    super();
  }

  override get(): Promise<Json> {
    return (this.made ??= inSteps(documentOf(this.catalog.all().filter(isOperation).sort(byTag))));
  }
}

function isOperation(route: Route): route is Operation {
  return route.operation !== undefined && route.tag !== undefined;
}

function byTag(one: Operation, other: Operation): number {
  return TAGS.indexOf(one.tag) - TAGS.indexOf(other.tag);
}

function* documentOf(operations: Operation[]): Stepwise<Json> {
  const schemas = yield* componentSchemas(operations);
  const paths: Record<string, Json> = {};
  for (const route of operations) {
    yield;
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operationOf(route, schemas);
    if (route.path.startsWith('/api/v1/health'))
      path['head'] = { ...operationOf(route, schemas), operationId: `${route.operation.id}-head` };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Posthorn',
      version: '1',
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ HTTPBearer: [] }],
    tags: [...TAGS, 'Webhooks'].map((name) => ({ name })),
    paths,
    webhooks: Object.fromEntries(Object.entries(OPERATIONAL_EVENTS).map(([type, event]) => [type, webhookOf(event)])),
    components: {
      schemas,
      securitySchemes: { HTTPBearer: { type: 'http', scheme: 'bearer', description: WHERE_TOKENS_COME_FROM } },
    },
  };
}

function operationOf(route: Operation, schemas: Record<string, Json>): Json {
  const { id, summary, text, deprecated } = route.operation;
  return {
    operationId: id,
    tags: [route.tag],
    summary,
    ...(text && { description: text }),
    ...(deprecated && { deprecated }),
    parameters: parametersOf(route),
    ...(route.body && { requestBody: requestBodyOf(route, route.body, schemas) }),
    responses: responsesOf(route, schemas),
    ...(route.permission === 'public' && { security: [] }),
    'x-permission': route.permission,
    ...(!/^(public|operator)$/.test(route.permission ?? '') && {
      'x-scopes': KEY_SCOPES.filter((scope) => scopesAllow([scope], route)),
    }),
    ...(/^(application|any-token)$/.test(route.permission ?? '') && { 'x-capabilities': route.capabilities }),
  };
}

function requestBodyOf({ path }: Operation, body: z.ZodType, schemas: Record<string, Json>): Json {
  const schema = schemaOf(body);
  const content = { 'application/json': { schema, example: exampleOf(schema, schemas) } };
  return { required: true, content, 'x-max-bytes': bodyLimitOf(path) };
}

function parametersOf(route: Operation): Json[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', maxLength: MAX_PATH_PART },
    description: PATH_PARAMETERS[name],
  }));
  return [...inPath, ...(route.query ? queryOf(route, route.query) : []), ...(route.method === 'POST' ? [IDEMPOTENCY_KEY] : [])];
}

function queryOf(route: Operation, query: z.ZodType): Json[] {
  const own = route.operation.query ?? {};
  const { properties = {}, required = [] } = schemaOf(query) as { properties?: Record<string, Json>; required?: string[] };
  const defaults = (query.safeParse({}).data ?? {}) as Json;
  return Object.entries(properties).map(([name, schema]) => {
    const known = own[name] ? { schema: schemaOf(own[name]), text: QUERY_PARAMETERS[name]?.text } : QUERY_PARAMETERS[name];
    const fallback = defaults[name] ?? undefined;
    return {
      name,
      in: 'query',
      ...(required.includes(name) && { required: true }),
      schema: { ...limited(known?.schema ?? schema, schema), ...(fallback !== undefined && { default: fallback }) },
      ...(known?.text && { description: known.text }),
    };
  });
}

function responsesOf(route: Operation, schemas: Record<string, Json>): Json {
  const good = Object.entries(route.operation.answers).map(([status, schema]) => [
    status,
    {
      description: schema === null ? 'Done, no body' : successOf(status, Object.keys(route.operation.answers)),
      ...(route.permission !== 'public' && { headers: RATE_LIMIT_HEADERS }),
      ...(schema !== null && json(schema, schemas)),
    },
  ]);
  const refused = Object.entries(REFUSALS)
    .filter(([status]) => route.permission !== 'public' || status === '503')
    .map(([status, { description, example }]) => [
      status,
      {
        description,
        ...(status === '429' && { headers: { 'Retry-After': RETRY_AFTER, ...RATE_LIMIT_HEADERS } }),
        content: { 'application/json': { schema: schemaOf(status === '422' ? httpValidationError : httpErrorOut), example } },
      },
    ]);
  return Object.fromEntries([...good, ...refused]);
}

/** Where two statuses are a success, they tell what was there before. */
function successOf(status: string, all: string[]): string {
  if (!all.includes('200') || !all.includes('201')) return 'Success';
  return status === '201' ? 'It was created' : 'It was there before';
}

function webhookOf({ name, summary, body }: DocumentedEvent): Json {
  const requestBody = { required: true, ...json(body) };
  return {
    post: { operationId: name, tags: ['Webhooks'], summary, requestBody, responses: { 204: { description: 'Received' } } },
  };
}

function header(description: string): Json {
  return { description, schema: { type: 'string' } };
}

/** @param known the schemas that an example may refer to; without them there is none */
function json(type: z.ZodType, known?: Record<string, Json>): Json {
  const schema = schemaOf(type);
  return { content: { 'application/json': { schema, ...(known && { example: exampleOf(schema, known) }) } } };
}
