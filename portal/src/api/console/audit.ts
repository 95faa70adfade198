import { request } from '../client.js';
import { useList, type List } from '../list.js';
import type { Page } from '../page.js';
import { consoleKeys } from './names.js';

export type Outcome = 'succeeded' | 'refused' | 'failed' | 'unknown';

/** A change, or an attempt at one. */
export interface AuditEntry {
  id: string;
  timestamp: string;
  operation: string;
  orgId: string | null;
  appId: string | null;
  actor: 'organization' | 'application' | 'operator' | 'api-key' | 'command';
  tokenId: string | null;
  requestId: string | null;
  address: string | null;
  objects: Record<string, string>;
  createdId: string | null;
  fields: string[];
  outcome: Outcome;
  status: number | null;
}

export interface AuditFilter {
  operation: string | null;
  app_id: string | null;
  token_id: string | null;
  org_id: string | null;
  before: string | null;
}

/** Who changed what, newest first. An organisation sees its own log, an operator that of all. */
export function useAudit(filter: AuditFilter): List<AuditEntry> {
  return useList({
    key: [...consoleKeys.audit, filter],
    page: (iterator) => request<Page<AuditEntry>>('GET', '/api/v1/audit-log', { query: { iterator, limit: 50, ...filter } }),
  });
}
