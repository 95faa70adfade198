import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { DeliveryRef } from '../domain/claimed.js';
import { dialectOf, msFromNow } from './dialect.js';
import { GRACE_MS } from './engine-store.js';
import { Transactions } from './transactions.js';

/** Delivery rows of manual triggers; see `AUTOMATIC_RUN`. */
@Injectable()
export class ManualDeliveryRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** A waiting row that its task has until the grace is over. Throws isDuplicateKey if the run's number is taken. */
  async insert(ref: DeliveryRef): Promise<void> {
    const due = msFromNow[dialectOf(this.dataSource)];
    await this.transactions.write((manager) =>
      manager.query(
        `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES (?, ?, ?, ?, 0, 0, 0, ${due})`,
        [ref.msgId, ref.endpointId, ref.run, ref.appId, GRACE_MS],
      ),
    );
  }
}
