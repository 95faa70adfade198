import { Injectable } from '@nestjs/common';
import { DataSource, In, LessThanOrEqual } from 'typeorm';
import { compare } from '../engine/engine-store.js';
import { Application } from '../entities/application.entity.js';
import { OperationalEventRow } from '../entities/operational-event.entity.js';
import { Transactions } from '../transactions.js';

/** Events that tenants are still to be told of. They are written with what they tell of; here they are taken, put off and removed. */
@Injectable()
export class OperationalEventRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** What is due, the oldest first. */
  due(limit: number): Promise<OperationalEventRow[]> {
    const where = { dueAt: LessThanOrEqual(new Date()) };
    return this.dataSource.manager.find(OperationalEventRow, { where, order: { dueAt: 'ASC' }, take: limit });
  }

  /** Takes events for `leaseMs`; answers those that nobody else took since they were read. */
  async take(events: readonly OperationalEventRow[], leaseMs: number): Promise<OperationalEventRow[]> {
    const dueAt = new Date(Date.now() + leaseMs);
    const sorted = events.toSorted((a, b) => compare(a.id, b.id));
    return this.transactions.write(async (manager) => {
      const taken: OperationalEventRow[] = [];
      for (const event of sorted) {
        const { id, tries } = event;
        const { affected } = await manager.update(OperationalEventRow, { id, tries }, { tries: tries + 1, dueAt });
        if (affected === 1) taken.push(event);
      }
      return taken;
    });
  }

  async putOff(id: string, delayMs: number): Promise<void> {
    const dueAt = new Date(Date.now() + delayMs);
    await this.transactions.write((manager) => manager.update(OperationalEventRow, { id }, { dueAt }));
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.transactions.write((manager) => manager.delete(OperationalEventRow, { id: In(ids.toSorted(compare)) }));
  }

  /** Whose the application is that an event tells of, whatever became of it since. */
  subject(appId: string): Promise<Application | null> {
    return this.dataSource.manager.findOneBy(Application, { id: appId });
  }
}
