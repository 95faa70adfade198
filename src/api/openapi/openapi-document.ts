import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { MAX_LEVELS } from '../../domain/json-depth.js';
import { RouteCatalog } from '../auth/route-catalog.js';
import type { Route } from '../auth/route.js';
import { ApiDocument } from '../http-support/api-document.js';
import type { Description, Descriptions, Json } from './description.js';
import { applicationDescriptions } from './descriptions/applications.js';
import { endpointDescriptions } from './descriptions/endpoints.js';
import { attemptDescriptions, messageDescriptions } from './descriptions/messages.js';
import { authenticationDescriptions, eventTypeDescriptions, operationDescriptions } from './descriptions/others.js';
import { operationalDescriptions, pollerDescriptions } from './descriptions/webhooks.js';
import { EVENTS } from './models/events.js';
import { IDEMPOTENCY_KEY, PATH_PARAMETERS, QUERY_PARAMETERS } from './parameters.js';
import { componentSchemas, inlineSchema } from './schemas.js';

/** What the document says beyond the code, by operation. */
export const DESCRIPTIONS: Descriptions = {
  ...applicationDescriptions,
  ...endpointDescriptions,
  ...messageDescriptions,
  ...attemptDescriptions,
  ...eventTypeDescriptions,
  ...authenticationDescriptions,
  ...operationDescriptions,
  ...operationalDescriptions,
  ...pollerDescriptions,
};

const INTRODUCTION =
  'Send webhooks to your customers: create an application for each, let it have endpoints, and send messages. The API is the ' +
  'one that the official Svix libraries speak; give them the URL of this server. Each request carries `Authorization: Bearer <token>`. ' +
  `A body is JSON, nested at most ${MAX_LEVELS} levels deep: whatever is deeper is refused before anything of it is kept. Payloads, and the ` +
  'schemas of event types with their examples, are shown and sent in their own source text: numbers, spaces and escapes stay as they are. What ' +
  'the Svix API has and this server does not is a 404 with the code `not_supported`.';

const REFUSALS: Record<number, string> = {
  400: 'The query can not be read, or the request makes no sense now',
  401: 'The token is missing or not good',
  403: 'The token does not allow this',
  404: 'There is no such thing, or not for this token',
  409: 'The name or id is taken, or the endpoint is disabled',
  413: 'The body is larger than 2 MiB, or a batch than 16 MiB',
  422: `What the request says is not acceptable, or it is nested deeper than ${MAX_LEVELS} levels`,
  429: 'Too many requests',
  503: 'The service can not answer at the moment; try again',
};

/** The OpenAPI document, made of the routes as they are: what a route takes is never told twice. Made at the first question. */
@Injectable()
export class OpenApiDocument extends ApiDocument {
  private made: Json | undefined;

  constructor(private readonly catalog: RouteCatalog) {
    super();
  }

  override get(): Json {
    return (this.made ??= documentOf(this.catalog.all().filter(({ path }) => path.startsWith('/api/v1/'))));
  }
}

function documentOf(routes: Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operationOf(route);
    if (route.path.startsWith('/api/v1/health')) path['head'] = { ...operationOf(route), operationId: `${idOf(route)}-head` };
  }
  const tags = [...new Set(routes.map((route) => descriptionOf(route).tag))].map((name) => ({ name }));
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
    tags: [...tags, { name: 'Webhooks' }],
    paths,
    webhooks: Object.fromEntries(Object.entries(EVENTS).map(([type, event]) => [type, webhookOf(event)])),
    components: {
      schemas: componentSchemas(routes, DESCRIPTIONS),
      securitySchemes: { HTTPBearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operationOf(route: Route): Json {
  const { id, tag, summary, text } = descriptionOf(route);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(text && { description: text }),
    parameters: parametersOf(route),
    ...(route.body && { requestBody: { required: true, ...json(bodyOf(route)) } }),
    responses: responsesOf(route),
    ...(route.permission === 'public' && { security: [] }),
    'x-permission': route.permission,
    ...(/^(application|any-token)$/.test(route.permission ?? '') && { 'x-capabilities': route.capabilities }),
  };
}

/** An operation that nobody described has a name all the same. */
function descriptionOf(route: Route): Description {
  const { method, path, controller, handler } = route;
  const nameless = { id: `${controller}.${handler}`, tag: 'Other', summary: `${method} ${path}` };
  return DESCRIPTIONS[`${method} ${path}`] ?? nameless;
}

function idOf(route: Route): string {
  return descriptionOf(route).id;
}

function bodyOf(route: Route): Json {
  const { body } = descriptionOf(route);
  return body === undefined ? inlineSchema(route.body!) : ref(body);
}

function parametersOf(route: Route): Json[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: PATH_PARAMETERS[name],
  }));
  return [...inPath, ...(route.query ? queryOf(route, route.query) : []), ...(route.method === 'POST' ? [IDEMPOTENCY_KEY] : [])];
}

function queryOf(route: Route, query: z.ZodType): Json[] {
  const own = descriptionOf(route).query ?? {};
  const { properties = {}, required = [] } = inlineSchema(query) as { properties?: Record<string, Json>; required?: string[] };
  const usual = (query.safeParse({}).data ?? {}) as Json;
  return Object.entries(properties).map(([name, schema]) => {
    const known = own[name] ? { schema: own[name], text: QUERY_PARAMETERS[name]?.text } : QUERY_PARAMETERS[name];
    const fallback = usual[name] ?? undefined;
    return {
      name,
      in: 'query',
      ...(required.includes(name) && { required: true }),
      schema: { ...(known?.schema ?? schema), ...(fallback !== undefined && { default: fallback }) },
      ...(known?.text && { description: known.text }),
    };
  });
}

function responsesOf(route: Route): Json {
  const answers = descriptionOf(route).answers ?? { [route.status]: null };
  const good = Object.entries(answers).map(([status, name]) => [
    status,
    { description: name === null ? 'Done' : 'The answer', ...(name !== null && json(ref(name))) },
  ]);
  const refused = Object.entries(REFUSALS)
    .filter(([status]) => route.permission !== 'public' || status === '503')
    .map(([status, description]) => [
      status,
      { description, ...json(ref(status === '422' ? 'HTTPValidationError' : 'HttpErrorOut')) },
    ]);
  return Object.fromEntries([...good, ...refused]);
}

function webhookOf({ name, summary }: { name: string; summary: string }): Json {
  const requestBody = { required: true, ...json(ref(`${name}Event`)) };
  return { post: { operationId: name, tags: ['Webhooks'], summary, requestBody, responses: { 204: { description: 'Taken' } } } };
}

function json(schema: Json): Json {
  return { content: { 'application/json': { schema } } };
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}
