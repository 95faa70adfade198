import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { DeliveryRef } from '../../domain/delivery.js';
import { databaseTime } from '../database-clock.js';
import { dialectOf, msFromNow, sqlTime } from '../dialect.js';
import { areMistimed, GRACE_MS } from '../engine/engine-store.js';
import { IdMistimed } from '../errors.js';
import { Transactions } from '../transactions.js';

/** A message for one endpoint alone. */
export interface OnlyMessage {
  eventType: string;
  payload: Buffer;
  /** ms since 1970 */
  payloadUntil: number;
}

/** Delivery rows of manual triggers; see `AUTOMATIC_RUN`. */
@Injectable()
export class ManualDeliveryRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** A waiting row that its task has until the grace is over. Throws isDuplicateKey if the run's number is taken. */
  async insert(ref: DeliveryRef): Promise<void> {
    await this.transactions.write((manager) => this.insertRow(manager, ref));
  }

  /**
   * The same together with the message, which nobody else gets. Throws IdMistimed where the message's id is not of the database's
   * present, like a group commit: the check comes after the rows.
   */
  async insertWithMessage(ref: DeliveryRef, message: OnlyMessage): Promise<void> {
    await this.transactions.write(async (manager) => {
      await manager.query('INSERT INTO message (app_id, id, event_type, payload, payload_until) VALUES (?, ?, ?, ?, ?)', [
        ref.appId,
        ref.msgId,
        message.eventType,
        message.payload,
        sqlTime(message.payloadUntil),
      ]);
      await this.insertRow(manager, ref);
      const now = await databaseTime(manager);
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
