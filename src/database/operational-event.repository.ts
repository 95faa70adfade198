import { Injectable } from '@nestjs/common';
import { DataSource, LessThanOrEqual } from 'typeorm';
import { Application } from './entities/application.entity.js';
import { OperationalEventRow } from './entities/operational-event.entity.js';
import { Transactions } from './transactions.js';

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

  /** Takes an event for `leaseMs`; false if somebody else did since it was read. */
  async take({ id, tries }: OperationalEventRow, leaseMs: number): Promise<boolean> {
    const taken = { tries: tries + 1, dueAt: new Date(Date.now() + leaseMs) };
    const { affected } = await this.transactions.write((manager) => manager.update(OperationalEventRow, { id, tries }, taken));
    return affected === 1;
  }

  async putOff(id: string, delayMs: number): Promise<void> {
    const dueAt = new Date(Date.now() + delayMs);
    await this.transactions.write((manager) => manager.update(OperationalEventRow, { id }, { dueAt }));
  }

  async remove(id: string): Promise<void> {
    await this.transactions.write((manager) => manager.delete(OperationalEventRow, { id }));
  }

  /** Whose the application is that an event tells of, whatever became of it since. */
  subject(appId: string): Promise<Application | null> {
    return this.dataSource.manager.findOneBy(Application, { id: appId });
  }
}
