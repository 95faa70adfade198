import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { MAX_SEARCHED, spanTo, type IdWindow, type Span } from '../../domain/time-window.js';
import { dialectOf, endpointIs, useIndex } from '../dialect.js';
import { Attempt, AttemptStatus } from '../entities/attempt.entity.js';
import { Message } from '../entities/message.entity.js';
import {
  ENDPOINT_OF_APP,
  ENDPOINT_OF_NAMED_APP,
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

/** Filters of a list of attempts. Null means no filter. */
export interface AttemptFilter extends MessageFilter {
  /** Status of the attempt, see AttemptStatus. */
  status: number | null;
  /** 200 for the codes 200 to 299, and so on. 0 for attempts without an answer. */
  statusCodeClass: number | null;
  /** Whether to read the stored answer as well. */
  response: boolean;
}

const SUCCESS_CLASS = 200;
const SPAN_GROWTH = 4;
const INDEX = 'attempt_by_endpoint';

/** Attempts to an endpoint with these statuses. The index sorts them by id for each status separately. */
interface AttemptKeys {
  appId: string;
  endpointId: string;
  statuses: number[];
}

/** Reads attempts, and removes stored answers. The engine writes attempts, together with the settled delivery. */
@Injectable()
export class AttemptRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** The attempt; null if there is none. */
  async find(appId: string, msgId: string, id: string): Promise<Attempt | null> {
    return isKey(id) ? this.dataSource.manager.findOneBy(Attempt, { appId, msgId, id }) : null;
  }

  /** The part of the window that a page of an endpoint's attempts with this filter searches. A status alone is found by the index. */
  async span(appId: string, endpointId: string, window: IdWindow, filter: AttemptFilter): Promise<Span> {
    if (!isSearched(filter)) return { window, end: null };
    return spanTo(window, await this.spanEnd({ appId, endpointId, statuses: statusesOf(filter) }, window, MAX_SEARCHED));
  }

  /**
   * Up to `count` attempts to an endpoint, in the window's order of reading. The index sorts them by id for each status separately, so a
   * search for a rare status does not read all other attempts. With several statuses, each is read separately and the results are merged.
   */
  async ofEndpoint(
    appId: string,
    endpointId: string,
    window: IdWindow,
    count: number,
    filter: AttemptFilter,
  ): Promise<Attempt[]> {
    const keys = { appId, endpointId, statuses: statusesOf(filter) };
    const read = (part: IdWindow, limit: number) => this.merged(keys, part, limit, filter);
    if (keys.statuses.length < 2 || !filtersMessages(filter)) return read(window, count);
    // If all matching attempts had the same status, the other status would be searched to its end. So the window is read in spans.
    const found: Attempt[] = [];
    let rest = window;
    for (let length = count * 2; found.length < count; length *= SPAN_GROWTH) {
      const end = await this.spanEnd(keys, rest, length);
      if (end === undefined) return [...found, ...(await read(rest, count - found.length))];
      const [span, beyond] = splitAfter(rest, end);
      found.push(...(await read(span, count - found.length)));
      rest = beyond;
    }
    return found;
  }

  /** The same for a message, with its attempts to one endpoint, or to all endpoints if `endpointId` is null. */
  async ofMessage(
    appId: string,
    { msgId, endpointId }: { msgId: string; endpointId: string | null },
    window: IdWindow,
    count: number,
    filter: AttemptFilter,
  ): Promise<Attempt[]> {
    const query = this.select(filter).where('a.msgId = :msgId AND a.appId = :appId', { msgId, appId });
    if (endpointId !== null) query.andWhere('a.endpointId = :endpointId', { endpointId });
    return applyWindow(withFilter(query, filter), 'a.id', window, count).getMany();
  }

  /** Removes the stored answer. Repeating the call changes nothing. */
  async expungeResponse(appId: string, msgId: string, id: string): Promise<void> {
    await this.transactions.write((manager) => manager.update(Attempt, { appId, msgId, id }, { response: 'EXPUNGED' }));
  }

  /** The id up to which no status has more than `length` attempts; undefined if this is the whole window. */
  private async spanEnd({ statuses, ...keys }: AttemptKeys, window: IdWindow, length: number): Promise<string | undefined> {
    const dialect = dialectOf(this.dataSource);
    const order = orderOf(window);
    const ends = statuses.map((status): Promise<{ id: string }[]> => {
      const bounds = [window.above ?? '', window.below ?? '~'];
      return this.dataSource.query(
        `SELECT id FROM attempt ${useIndex(dialect, INDEX)}
          WHERE ${endpointIs[dialect]} AND status = ? AND id > ? AND id < ? AND ${ENDPOINT_OF_APP}
          ORDER BY endpoint_id ${order}, id ${order} LIMIT 1 OFFSET ?`,
        [keys.endpointId, keys.endpointId, status, ...bounds, keys.endpointId, keys.appId, length - 1],
      );
    });
    const ids = (await Promise.all(ends)).flat().map(({ id }) => id);
    ids.sort();
    return order === 'ASC' ? ids[0] : ids.at(-1);
  }

  /** Reads up to `count` attempts of each status, and merges them in the order of the window. A search reads only the rows that it finds. */
  private async merged(keys: AttemptKeys, window: IdWindow, count: number, filter: AttemptFilter): Promise<Attempt[]> {
    const lists = keys.statuses.map((status) => {
      const query = isSearched(filter)
        ? this.indexed(keys)
        : this.select(filter).where('a.appId = :appId', { appId: keys.appId });
      return applyEndpointWindow(withFilter(query, { ...filter, status }), indexOf(keys.endpointId), window, count).getMany();
    });
    const found = inOrder((await Promise.all(lists)).flat(), window).slice(0, count);
    if (!isSearched(filter) || found.length === 0) return found;
    const ids = found.map(({ msgId, id }) => ({ msgId, id }));
    const rows = this.select(filter).whereInIds(ids).andWhere('a.appId = :appId', { appId: keys.appId });
    return inOrder(await rows.getMany(), window);
  }

  /** The ids of an endpoint's attempts. The index has all that this query reads, with or without a status code. */
  private indexed({ appId, endpointId }: AttemptKeys): SelectQueryBuilder<Attempt> {
    return this.dataSource.manager
      .createQueryBuilder(Attempt, 'a')
      .select(['a.msgId', 'a.id'])
      .where(ENDPOINT_OF_NAMED_APP, { appId, endpointId });
  }

  private select(filter: AttemptFilter): SelectQueryBuilder<Attempt> {
    const query = this.dataSource.manager.createQueryBuilder(Attempt, 'a');
    return filter.response ? query : selectWithout(query, 'response');
  }
}

/** Whether the index has no order for what the filter asks for. */
function isSearched(filter: AttemptFilter): boolean {
  return filtersMessages(filter) || filter.statusCodeClass !== null;
}

/** The statuses that match the filter. A class of status codes allows only one status. */
function statusesOf({ status, statusCodeClass }: AttemptFilter): number[] {
  const { success, fail } = AttemptStatus;
  const ofClass = statusCodeClass === SUCCESS_CLASS ? [success] : [fail];
  const possible = statusCodeClass === null ? [success, fail] : ofClass;
  return status === null ? possible : possible.filter((each) => each === status);
}

function inOrder(attempts: Attempt[], window: IdWindow): Attempt[] {
  const up = window.order === 'oldest-first' ? 1 : -1;
  return attempts.sort((a, b) => (a.id < b.id ? -up : up));
}

function indexOf(endpointId: string) {
  return { row: 'a', id: 'a.id', index: INDEX, endpointId };
}

/**
 * Splits the window after the id `end`, in the order of reading. The limits of windows are exclusive; `end` with one more character is just
 * above `end`, because all ids have the same length.
 */
function splitAfter(window: IdWindow, end: string): [span: IdWindow, beyond: IdWindow] {
  const above = { ...window, above: end };
  const upTo = { ...window, below: `${end}0` };
  return window.order === 'newest-first' ? [above, upTo] : [upTo, above];
}

function withFilter(query: SelectQueryBuilder<Attempt>, filter: AttemptFilter): SelectQueryBuilder<Attempt> {
  const { status, statusCodeClass } = filter;
  if (status !== null) query.andWhere('a.status = :status', { status });
  if (statusCodeClass !== null) {
    query.andWhere('a.statusCode BETWEEN :lowest AND :highest', { lowest: statusCodeClass, highest: statusCodeClass + 99 });
  }
  if (!filtersMessages(filter)) return query;
  return whereMessage(query.innerJoin(Message, 'm', 'm.appId = :appId AND m.id = a.msgId'), filter);
}
