import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import type { IdWindow } from '../../domain/time-window.js';
import { dialectOf, endpointIs, useIndex } from '../dialect.js';
import { Attempt, AttemptStatus } from '../entities/attempt.entity.js';
import { Message } from '../entities/message.entity.js';
import {
  ENDPOINT_OF_APP,
  filtersMessages,
  isKey,
  orderOf,
  selectWithout,
  applyWindow,
  applyEndpointWindow,
  whereMessage,
  type MessageFilter,
} from '../list-query.js';
import { Transactions } from '../transactions.js';

/** Which attempts of an endpoint or a message are wanted. Null means no restriction. */
export interface AttemptFilter extends MessageFilter {
  /** Status of the attempt as stored, see AttemptStatus. */
  status: number | null;
  /** 200 stands for 200 to 299, and so on; 0 for attempts without an answer. */
  statusCodeClass: number | null;
  /** Whether the kept answer is read as well. */
  response: boolean;
}

const SUCCESS_CLASS = 200;
const SPAN_GROWTH = 4;
const INDEX = 'attempt_by_endpoint';

/** Attempts at an endpoint as its index sorts them: each status by itself. */
interface Branches {
  appId: string;
  endpointId: string;
  statuses: number[];
}

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

  /**
   * Up to `count` attempts to an endpoint in the window, in the order of its walk. Its index sorts them by id for each status
   * apart, so that what is rare, or isn't there, is not looked for among all the others.
   */
  async ofEndpoint(
    appId: string,
    endpointId: string,
    window: IdWindow,
    count: number,
    filter: AttemptFilter,
  ): Promise<Attempt[]> {
    const branches = { appId, endpointId, statuses: statusesOf(filter) };
    const read = (part: IdWindow, most: number) => this.merged(branches, part, most, filter);
    if (branches.statuses.length < 2 || !filtersMessages(filter)) return read(window, count);
    // All that passes may have one status, and the other one would be searched to its end: so both go on side by side.
    const found: Attempt[] = [];
    let rest = window;
    for (let length = count * 2; found.length < count; length *= SPAN_GROWTH) {
      const end = await this.end(branches, rest, length);
      if (end === undefined) return [...found, ...(await read(rest, count - found.length))];
      const [span, beyond] = cutAt(rest, end);
      found.push(...(await read(span, count - found.length)));
      rest = beyond;
    }
    return found;
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
    return applyWindow(narrowed(query, filter), 'a.id', window, count).getMany();
  }

  /** Replaces the kept answer; repeating it changes nothing. */
  async expungeResponse(appId: string, msgId: string, id: string): Promise<void> {
    await this.transactions.write((manager) => manager.update(Attempt, { appId, msgId, id }, { response: 'EXPUNGED' }));
  }

  /** Up to where no status has more than `length` attempts; undefined if that is the whole window. */
  private async end({ statuses, ...of }: Branches, window: IdWindow, length: number): Promise<string | undefined> {
    const dialect = dialectOf(this.dataSource);
    const order = orderOf(window);
    const ends = statuses.map((status): Promise<{ id: string }[]> => {
      const bounds = [window.above ?? '', window.below ?? '~'];
      return this.dataSource.query(
        `SELECT id FROM attempt ${useIndex(dialect, INDEX)}
          WHERE ${endpointIs[dialect]} AND status = ? AND id > ? AND id < ? AND ${ENDPOINT_OF_APP}
          ORDER BY endpoint_id ${order}, id ${order} LIMIT 1 OFFSET ?`,
        [of.endpointId, of.endpointId, status, ...bounds, of.endpointId, of.appId, length - 1],
      );
    });
    const ids = (await Promise.all(ends)).flat().map(({ id }) => id);
    ids.sort();
    return order === 'ASC' ? ids[0] : ids.at(-1);
  }

  private async merged(of: Branches, window: IdWindow, count: number, filter: AttemptFilter): Promise<Attempt[]> {
    const lists = of.statuses.map((status) => {
      const query = this.select(filter).where('a.appId = :appId', { appId: of.appId });
      return applyEndpointWindow(narrowed(query, { ...filter, status }), walked(of.endpointId), window, count).getMany();
    });
    const up = window.walk === 'oldest-first' ? 1 : -1;
    const found = (await Promise.all(lists)).flat().sort((a, b) => (a.id < b.id ? -up : up));
    return found.slice(0, count);
  }

  private select(filter: AttemptFilter): SelectQueryBuilder<Attempt> {
    const query = this.dataSource.manager.createQueryBuilder(Attempt, 'a');
    return filter.response ? query : selectWithout(query, 'response');
  }
}

/** The statuses that such attempts can have. A class of codes leaves one of them. */
function statusesOf({ status, statusCodeClass }: AttemptFilter): number[] {
  const { success, fail } = AttemptStatus;
  const ofClass = statusCodeClass === SUCCESS_CLASS ? [success] : [fail];
  const possible = statusCodeClass === null ? [success, fail] : ofClass;
  return status === null ? possible : possible.filter((one) => one === status);
}

function walked(endpointId: string) {
  return { row: 'a', id: 'a.id', index: INDEX, endpointId };
}

/** The window cut in two at the id `end`. Ids are of one length: between one of them and the same with a character more lies no other. */
function cutAt(window: IdWindow, end: string): [span: IdWindow, beyond: IdWindow] {
  const above = { ...window, above: end };
  const upTo = { ...window, below: `${end}0` };
  return window.walk === 'newest-first' ? [above, upTo] : [upTo, above];
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
