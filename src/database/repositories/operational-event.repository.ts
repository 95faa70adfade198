import { Injectable } from '@nestjs/common';
import { DataSource, In, LessThanOrEqual } from 'typeorm';
import { compare } from '../engine/engine-store.js';
import { Application } from '../entities/application.entity.js';
import { OperationalEventRow } from '../entities/operational-event.entity.js';
import { Transactions } from '../transactions.js';

/** The table `operational_event`: events that have not been sent yet. Each is written in the transaction of the change that it reports. */
@Injectable()
export class OperationalEventRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Up to `limit` events that are due, the one that waits longest first. */
  due(limit: number): Promise<OperationalEventRow[]> {
    const where = { dueAt: LessThanOrEqual(new Date()) };
    return this.dataSource.manager.find(OperationalEventRow, { where, order: { dueAt: 'ASC' }, take: limit });
  }

  /** Leases events for `leaseMs`. Returns those that no other process has leased since they were read. */
  async lease(events: readonly OperationalEventRow[], leaseMs: number): Promise<OperationalEventRow[]> {
    const dueAt = new Date(Date.now() + leaseMs);
    const sorted = events.toSorted((a, b) => compare(a.id, b.id));
    return this.transactions.write(async (manager) => {
      const leased: OperationalEventRow[] = [];
      for (const event of sorted) {
        const { id, tries } = event;
        const { affected } = await manager.update(OperationalEventRow, { id, tries }, { tries: tries + 1, dueAt });
        if (affected === 1) leased.push(event);
      }
      return leased;
    });
  }

  /** Makes the event due again after `delayMs`. */
  async postpone(id: string, delayMs: number): Promise<void> {
    const dueAt = new Date(Date.now() + delayMs);
    await this.transactions.write((manager) => manager.update(OperationalEventRow, { id }, { dueAt }));
  }

  /** Removes events that were sent. */
  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.transactions.write((manager) => manager.delete(OperationalEventRow, { id: In(ids.toSorted(compare)) }));
  }

  /** The application that an event is about, deleted ones included. */
  applicationOf(appId: string): Promise<Application | null> {
    return this.dataSource.manager.findOneBy(Application, { id: appId });
  }
}
