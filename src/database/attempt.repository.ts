import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import type { IdWindow } from '../domain/time-window.js';
import { Attempt } from './entities/attempt.entity.js';
import { Message } from './entities/message.entity.js';
import { filtersMessages, isKey, walk, whereMessage, type MessageFilter } from './list-query.js';
import { Transactions } from './transactions.js';

/** Which attempts of an endpoint or a message are wanted. Null means no restriction. */
export interface AttemptFilter extends MessageFilter {
  /** Status of the attempt as stored: 0 success, 2 fail. */
  status: number | null;
  /** 200 stands for 200 to 299, and so on; 0 for attempts without an answer. */
  statusCodeClass: number | null;
  /** Whether the kept answer is read as well. */
  response: boolean;
}

const WITHOUT_RESPONSE = [
  'a.msgId',
  'a.id',
  'a.appId',
  'a.endpointId',
  'a.url',
  'a.status',
  'a.triggerType',
  'a.statusCode',
  'a.durationMs',
  'a.nextAttempt',
];

/** Reads of attempts, and the removal of a kept answer. Delivery writes them when it settles. */
@Injectable()
export class AttemptRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  async find(appId: string, msgId: string, id: string): Promise<Attempt | null> {
    return isKey(id) ? this.dataSource.manager.findOneBy(Attempt, { appId, msgId, id }) : null;
  }

  /** Up to `count` attempts to an endpoint in the window, in the order of its walk. */
  async ofEndpoint(
    appId: string,
    endpointId: string,
    window: IdWindow,
    count: number,
    filter: AttemptFilter,
  ): Promise<Attempt[]> {
    const query = this.select(filter).where('a.endpointId = :endpointId AND a.appId = :appId', { endpointId, appId });
    return walk(narrowed(query, filter), 'a.id', window, count).getMany();
  }

  /** The same for a message, to one endpoint or to all of them (null). */
  async ofMessage(
    appId: string,
    { msgId, endpointId }: { msgId: string; endpointId: string | null },
    window: IdWindow,
    count: number,
    filter: AttemptFilter,
  ): Promise<Attempt[]> {
    const query = this.select(filter).where('a.msgId = :msgId AND a.appId = :appId', { msgId, appId });
    if (endpointId !== null) query.andWhere('a.endpointId = :endpointId', { endpointId });
    return walk(narrowed(query, filter), 'a.id', window, count).getMany();
  }

  /** Replaces the kept answer; repeating it changes nothing. */
  async expungeResponse(appId: string, msgId: string, id: string): Promise<void> {
    await this.transactions.write((manager) => manager.update(Attempt, { appId, msgId, id }, { response: 'EXPUNGED' }));
  }

  private select(filter: AttemptFilter): SelectQueryBuilder<Attempt> {
    const query = this.dataSource.manager.createQueryBuilder(Attempt, 'a');
    return filter.response ? query : query.select(WITHOUT_RESPONSE);
  }
}

function narrowed(query: SelectQueryBuilder<Attempt>, filter: AttemptFilter): SelectQueryBuilder<Attempt> {
  const { status, statusCodeClass } = filter;
  if (status !== null) query.andWhere('a.status = :status', { status });
  if (statusCodeClass !== null) {
    query.andWhere('a.statusCode BETWEEN :lowest AND :highest', { lowest: statusCodeClass, highest: statusCodeClass + 99 });
  }
  if (!filtersMessages(filter)) return query;
  return whereMessage(query.innerJoin(Message, 'm', 'm.appId = a.appId AND m.id = a.msgId'), filter);
}
