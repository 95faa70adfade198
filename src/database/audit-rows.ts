import type { DataSource, EntityManager } from 'typeorm';
import { newId } from '../domain/ids.js';
import { databaseTime } from './database-clock.js';
import { COMMAND_DONE, NO_ORGANIZATION, type AuditEntry } from './entities/audit-entry.entity.js';

const COLUMNS = 'org_id, id, app_id, operation, actor, token_id, request_id, address, objects, fields, created_id, status';

/** The statement that inserts entries of the audit log, with its parameters. */
export function auditInsert(entries: readonly AuditEntry[]): { sql: string; values: unknown[] } {
  const row = `(${COLUMNS.split(', ')
    .map(() => '?')
    .join(', ')})`;
  return {
    sql: `INSERT INTO audit_log (${COLUMNS}) VALUES ${entries.map(() => row).join(', ')}`,
    values: entries.flatMap((entry) => [
      entry.orgId,
      entry.id,
      entry.appId,
      entry.operation,
      entry.actor,
      entry.tokenId,
      entry.requestId,
      entry.address,
      JSON.stringify(entry.objects),
      JSON.stringify(entry.fields),
      entry.createdId,
      entry.status,
    ]),
  };
}

/** What a command of the operator has done. */
export interface AuditedCommand {
  /** Such as `command.migrate`. */
  operation: string;
  /** The organisation that it was about. Without it: what belongs to none. */
  orgId?: string;
  /** Ids of what it changed, never a secret. */
  objects?: Record<string, string>;
}

/**
 * Adds what a command did to the audit log. With the manager of a transaction, the entry is there exactly if the change is.
 * Commands that write nothing into the database (`token`) have no entry.
 */
export async function recordCommand(database: DataSource | EntityManager, command: AuditedCommand): Promise<void> {
  const { operation, orgId = NO_ORGANIZATION, objects = {} } = command;
  const nobody = { appId: null, tokenId: null, requestId: null, address: null, createdId: null };
  const id = newId('audit_', await databaseTime(database));
  const entry: AuditEntry = { ...nobody, orgId, id, operation, actor: 'command', objects, fields: [], status: COMMAND_DONE };
  const { sql, values } = auditInsert([entry]);
  await database.query(sql, values);
}
