import { z } from 'zod';
import { COMMAND_DONE, NO_ORGANIZATION, type AuditEntry } from '../../database/entities/audit-entry.entity.js';
import { entityTime } from '../../domain/ids.js';
import { listOf, time } from '../http-support/answers.js';
import { after, before, iterator, limit } from '../http-support/list-query.js';
import { pathName } from '../http-support/schemas.js';

const token = z
  .string()
  .max(64)
  .regex(/^[\x21-\x7e]+$/, 'Must be the id of a token');
const organization = z
  .string()
  .max(255)
  .regex(/^(org_[\x21-\x7e]*|operator)$/, 'Must be an organisation id, or "operator" for what belongs to none');

/** Query parameters of the audit log. */
export const auditList = z.object({
  limit,
  iterator: iterator('audit_'),
  before,
  after,
  app_id: pathName.nullable().default(null),
  operation: pathName.nullable().default(null),
  token_id: token.nullable().default(null),
  org_id: organization.nullable().default(null),
});

/** `refused`: answered with 4xx. `failed`: with 5xx. `unknown`: the process ended before it could say. */
const outcome = z.enum(['succeeded', 'refused', 'failed', 'unknown']).meta({ id: 'AuditOutcome' });
const actor = z.enum(['organization', 'application', 'operator', 'api-key', 'command']).meta({ id: 'AuditActor' });

/** A change, or an attempt at one: who, what, when, and how it ended. */
export const auditEntryOut = z
  .object({
    id: z.string(),
    timestamp: time,
    operation: z.string(),
    orgId: z.string().nullable(),
    appId: z.string().nullable(),
    actor,
    tokenId: z.string().nullable(),
    requestId: z.string().nullable(),
    address: z.string().nullable(),
    objects: z.record(z.string(), z.string()),
    createdId: z.string().nullable(),
    fields: z.array(z.string()),
    outcome,
    status: z.number().nullable(),
  })
  .meta({ id: 'AuditEntryOut' });
export const auditPage = listOf(auditEntryOut);

export type AuditList = z.output<typeof auditList>;
export type AuditEntryOut = z.output<typeof auditEntryOut>;

/** The entry as the API shows it. */
export function toAuditEntryOut({ orgId, status, ...entry }: AuditEntry): AuditEntryOut {
  return {
    ...entry,
    timestamp: entityTime(entry.id),
    orgId: orgId === NO_ORGANIZATION ? null : orgId,
    outcome: outcomeOf(status),
    status: status === COMMAND_DONE ? null : status,
  };
}

function outcomeOf(status: number | null): z.output<typeof outcome> {
  if (status === null) return 'unknown';
  if (status < 400) return 'succeeded';
  return status < 500 ? 'refused' : 'failed';
}
