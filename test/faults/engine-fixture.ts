import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { EngineStore, Group, MessageKey, NewAttemptRow, Settlement } from '../../src/database/engine/engine-store.js';
import type { DeliveryRef } from '../../src/domain/delivery.js';
import { newId } from '../../src/domain/ids.js';
import { Sealer } from '../../src/domain/sealing.js';

/** The store of a process. `dataSource` reads its tables. */
export interface OpenStore {
  store: EngineStore;
  /** The store of another process on the same database. The same store if only one process is possible. */
  other: EngineStore;
  dataSource: DataSource;
  close(): Promise<void>;
}

export const LEASE_MS = 60_000;

/** A message of a group. */
export interface GroupMember {
  id: string;
  eventId?: string;
  key?: MessageKey;
}

/** An application with one endpoint, for tests that write and read its rows. */
export class EngineFixture {
  readonly appId = newId('app_');
  readonly endpointId = newId('ep_');

  constructor(
    private readonly open: OpenStore,
    readonly sealer = new Sealer([randomBytes(32)]),
  ) {}

  async prepare(): Promise<this> {
    const time = '2026-01-01 00:00:00.000';
    const secrets = JSON.stringify([
      { sealed: this.sealer.seal(`whsec_${randomBytes(24).toString('base64')}`), expiresAt: null },
    ]);
    await this.sql(
      `INSERT INTO application (id, org_id, name, metadata, version, deleted, updated_at) VALUES (?, 'org_1', 'Shop', '{}', 1, 0, ?)`,
      [this.appId, time],
    );
    await this.sql(
      `INSERT INTO endpoint (id, app_id, url, description, api_version, disabled, metadata, secrets, deleted, updated_at)
       VALUES (?, ?, 'http://127.0.0.1:9/', '', 1, 0, '{}', ?, 0, ?)`,
      [this.endpointId, this.appId, secrets, time],
    );
    return this;
  }

  /** A group of new messages with one delivery each, all claimed or all waiting. */
  group(messages: number | readonly GroupMember[], claimed: boolean, version = 1): Group {
    const wanted: readonly GroupMember[] =
      typeof messages === 'number' ? Array.from({ length: messages }, () => ({ id: newId('msg_') })) : messages;
    return {
      versions: new Map([[this.appId, version]]),
      messages: wanted.map((message) => ({
        appId: this.appId,
        id: message.id,
        eventType: 'order.paid',
        eventId: message.eventId ?? null,
        key: message.key ?? null,
        channels: null,
        payload: payloadOf(message.id),
        payloadUntil: Date.now() + 86_400_000,
      })),
      deliveries: wanted.map(({ id }) => ({ appId: this.appId, msgId: id, endpointId: this.endpointId, claimed })),
    };
  }

  /** Writes a group. Returns the references of its deliveries. */
  async written(count: number, claimed: boolean): Promise<DeliveryRef[]> {
    const group = this.group(count, claimed);
    const result = await this.open.store.insertGroup(group, LEASE_MS);
    if (result.kind !== 'committed') throw new Error('The group was not committed');
    return group.messages.map(({ id }) => this.ref(id, claimed ? 1 : 0));
  }

  ref(msgId: string, fence: number, run = 0): DeliveryRef {
    return { appId: this.appId, msgId, endpointId: this.endpointId, run, fence };
  }

  /** A manual delivery of the same message, waiting and due. */
  async insertManual(ref: DeliveryRef, run: number): Promise<DeliveryRef> {
    await this.sql(
      `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at)
       VALUES (?, ?, ?, ?, 0, 0, 0, '2026-01-01 00:00:00.000')`,
      [ref.msgId, ref.endpointId, run, ref.appId],
    );
    return { ...ref, run, fence: 0 };
  }

  async row({ msgId, endpointId, run }: DeliveryRef) {
    const [row] = await this.sql(
      'SELECT state, attempts, fence, reason, due_at FROM delivery WHERE msg_id = ? AND endpoint_id = ? AND run = ?',
      [msgId, endpointId, run],
    );
    if (!row) return null;
    const { state, attempts, fence, reason, due_at } = row;
    return { state: Number(state), attempts: Number(attempts), fence: Number(fence), reason, settled: due_at === null };
  }

  async attemptsOf({ msgId }: DeliveryRef): Promise<string[]> {
    const rows = await this.sql('SELECT id FROM attempt WHERE msg_id = ? ORDER BY id', [msgId]);
    return rows.map(({ id }) => String(id));
  }

  /** The number of rows of this application in a table. */
  async count(table: 'message' | 'delivery' | 'attempt' | 'message_event' | 'message_key', where = '1 = 1'): Promise<number> {
    const [row] = await this.sql(`SELECT COUNT(*) AS found FROM ${table} WHERE app_id = ? AND ${where}`, [this.appId]);
    return Number(row!['found']);
  }

  /** The deliveries of this application that are due. */
  async due(withinMs: number | null = null) {
    const rows = await this.open.store.due(10_000, withinMs);
    return rows.filter(({ appId }) => appId === this.appId);
  }

  private sql(statement: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    return this.open.dataSource.query(statement, values);
  }
}

export function payloadOf(msgId: string): Buffer {
  return Buffer.from(`{"of": "${msgId}", "text":"gr\u00fc\u00dfe \u{1F4EF}"}`);
}

export const DELIVERED = { kind: 'delivered' } as const;

/** The settlement of a delivery, with or without an attempt. */
export function settlement(ref: DeliveryRef, next: Settlement['next'], attempt: NewAttemptRow | null = anAttempt()): Settlement {
  const { appId, msgId, endpointId, run, fence } = ref;
  return { appId, msgId, endpointId, run, fence, next, attempt };
}

function anAttempt(): NewAttemptRow {
  return { id: newId('atmpt_'), url: 'http://127.0.0.1:9/', statusCode: 200, durationMs: 7, response: 'ok' };
}
