import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { DeliveryRef } from '../../domain/delivery.js';
import { DatabaseClock, databaseTime } from '../database-clock.js';
import { dialectOf, msFromNow, sqlTime } from '../dialect.js';
import { areMistimed, GRACE_MS } from '../engine/engine-store.js';
import { IdMistimed } from '../errors.js';
import { lockMessages } from '../message-lock.js';
import { Transactions } from '../transactions.js';

/** A message that is sent to one endpoint only. */
export interface SingleMessage {
  eventType: string;
  payload: Buffer;
  /** When the payload expires, ms since 1970. */
  payloadUntil: number;
}

/** Inserts manual deliveries, see `AUTOMATIC_RUN`. */
@Injectable()
export class ManualDeliveryRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Inserts a delivery that waits for its task, and is due after GRACE_MS. False if the message does not exist any more. Throws a
   * duplicate-key error (`isDuplicateKey`) if the run exists.
   */
  insert(ref: DeliveryRef): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      if (!(await lockMessages(manager, ref.appId, [ref.msgId])).has(ref.msgId)) return false;
      await this.insertRow(manager, ref);
      return true;
    });
  }

  /**
   * The same together with a new message, which no other endpoint gets. Throws IdMistimed if the time in the message id is too far from the
   * database's time. As in a group commit, this check comes after the inserts.
   */
  async insertWithMessage(ref: DeliveryRef, message: SingleMessage): Promise<void> {
    await this.transactions.write(async (manager) => {
      await manager.query('INSERT INTO message (app_id, id, event_type, payload, payload_until) VALUES (?, ?, ?, ?, ?)', [
        ref.appId,
        ref.msgId,
        message.eventType,
        message.payload,
        sqlTime(message.payloadUntil),
      ]);
      await this.insertRow(manager, ref);
      const now = dialectOf(this.dataSource) === 'sqlite' ? this.clock.now() : await databaseTime(manager);
      if (areMistimed([{ id: ref.msgId }], now)) throw new IdMistimed(now);
    });
  }

  private async insertRow(manager: EntityManager, ref: DeliveryRef): Promise<void> {
    const due = msFromNow[dialectOf(this.dataSource)];
    await manager.query(
      `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES (?, ?, ?, ?, 0, 0, 0, ${due})`,
      [ref.msgId, ref.endpointId, ref.run, ref.appId, GRACE_MS],
    );
  }
}
