import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { NO_ORGANIZATION, type Actor, type AuditEntry } from '../../database/entities/audit-entry.entity.js';
import { isKey } from '../../database/list-query.js';
import { withoutCredentials } from '../../domain/hidden-credentials.js';
import type { VerifiedToken } from '../auth/auth.decorator.js';
import type { Route } from '../auth/route.js';
import { InvalidInput } from '../http-support/api-error.js';
import { givenFields } from '../http-support/contract.pipe.js';

/** The length of a text column. Longer texts of callers are cut. */
const MAX_CHARS = 256;
const ORG_ID = /^org_[\x21-\x7e]{0,251}$/;
const PLAIN = /^[\x20-\x7e]{1,256}$/;

/** The entry of a request that is about to run; null if its body will be refused. (A repetition of an earlier request is not refused.) */
export async function entryOf(
  request: FastifyRequest & { token?: VerifiedToken },
  route: Route,
  { id, behindLoadBalancer }: { id: string; behindLoadBalancer: boolean },
): Promise<AuditEntry | null> {
  const fields = await fieldsOf(request, route);
  if (fields === null) return null;
  const params = Object.entries(request.params as Record<string, string>);
  const objects = Object.fromEntries(params.map(([name, text]) => [name, withoutCredentials(text.slice(0, MAX_CHARS))]));
  const { token } = request;
  const appInPath = objects['app_id'] !== undefined && isKey(objects['app_id']) ? objects['app_id'] : null;
  return {
    orgId: token?.tenant?.orgId ?? organizationIn(objects),
    id,
    appId: appInPath ?? token?.tenant?.appId ?? null,
    operation: route.operation!.id,
    actor: actorOf(token),
    tokenId: token?.id ?? null,
    requestId: request.id,
    address: addressOf(request, behindLoadBalancer),
    objects,
    fields,
    createdId: null,
    status: null,
  };
}

async function fieldsOf({ body }: FastifyRequest, route: Route): Promise<string[] | null> {
  if (!route.body) return [];
  try {
    return await givenFields(route.body, body, namesOf(route.body));
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}

/** The id in the answer of an operation. Only event types have none: they are named. */
export function idInAnswer(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const { id, name } = answer as { id?: unknown; name?: unknown };
  const named = id ?? name;
  return typeof named === 'string' && PLAIN.test(named) ? named : null;
}

function actorOf(token: VerifiedToken | undefined): Actor {
  if (token && 'kind' in token && token.kind === 'key') return 'api-key';
  const tenant = token?.tenant ?? null;
  if (tenant === null) return 'operator';
  return tenant.appId === null ? 'organization' : 'application';
}

/** What an operator changes of an organisation belongs to its log. */
function organizationIn({ org_id: orgId }: Record<string, string>): string {
  return orgId !== undefined && ORG_ID.test(orgId) ? orgId : NO_ORGANIZATION;
}

/**
 * The address of the client. A load balancer of AWS appends it to `X-Forwarded-For`, so the last one is true whatever the client sent:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html. Without one, the header proves nothing.
 */
function addressOf({ headers, socket }: FastifyRequest, behindLoadBalancer: boolean): string | null {
  const last = behindLoadBalancer
    ? String(headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)!
        .trim()
    : '';
  return isIP(last) === 0 ? (socket.remoteAddress ?? null) : last;
}

interface JsonSchema {
  $ref?: string;
  properties?: Record<string, unknown>;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

const NAMES = new WeakMap<z.ZodType, readonly string[]>();

/** The names of the fields that a body may have. Other names in a body are the caller's, and ignored by the service. */
function namesOf(rules: z.ZodType): readonly string[] {
  const known = NAMES.get(rules);
  if (known) return known;
  const { $defs: named = {}, ...schema } = z.toJSONSchema(rules, { io: 'input', unrepresentable: 'any' });
  const names = [...new Set(namesIn(schema as JsonSchema, named as Record<string, JsonSchema>))].toSorted();
  NAMES.set(rules, names);
  return names;
}

function namesIn(schema: JsonSchema, named: Record<string, JsonSchema>): string[] {
  const { $ref: reference, properties = {}, anyOf = [], oneOf = [], allOf = [] } = schema;
  const target = reference === undefined ? undefined : named[reference.replace('#/$defs/', '')];
  const parts = [...(target ? [target] : []), ...anyOf, ...oneOf, ...allOf];
  return [...Object.keys(properties), ...parts.flatMap((part) => namesIn(part, named))];
}
