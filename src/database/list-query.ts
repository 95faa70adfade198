import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { IdWindow } from '../domain/time-window.js';
import { dialectOf } from './dialect.js';

/** What a list of messages, or of something that belongs to a message, may be narrowed by. Null means not at all. */
export interface MessageFilter {
  eventTypes: readonly string[] | null;
  channel: string | null;
  tag?: string | null;
  /** One of them is enough. */
  channels?: readonly string[] | null;
}

/**
 * Restricts a query to a window of ids, in the order of its walk.
 *
 * @param id property path of the id, such as `m.id`
 * @param count rows to read; one more than the page holds tells whether there is a next page
 */
export function walk<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  id: string,
  window: IdWindow,
  count: number,
): SelectQueryBuilder<T> {
  if (window.above !== null) query.andWhere(`${id} > :above`, { above: window.above });
  if (window.below !== null) query.andWhere(`${id} < :below`, { below: window.below });
  return query.orderBy(id, orderOf(window)).limit(count);
}

/**
 * The same for one endpoint, along an index that begins with it. See `endpointIs` for the comparison: it lets MariaDB start at the
 * page, but hides that there is only one endpoint, so unless the order begins with it too, everything is sorted again.
 *
 * @param row alias of the table that has the index
 * @param id property path of the id, with that alias
 */
export function walkOfEndpoint<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  { row, id, index, endpointId }: { row: string; id: string; index: string; endpointId: string },
  window: IdWindow,
  count: number,
): SelectQueryBuilder<T> {
  const endpoint = `${row}.endpointId`;
  const isSqlite = dialectOf(query.connection) === 'sqlite';
  query.andWhere(isSqlite ? `${endpoint} = :endpointId` : `${endpoint} >= :endpointId AND ${endpoint} <= :endpointId`);
  walk(query.setParameters({ endpointId }).useIndex(index), id, window, count);
  return query.orderBy(endpoint, orderOf(window)).addOrderBy(id, orderOf(window));
}

export function orderOf({ walk: order }: IdWindow): 'ASC' | 'DESC' {
  return order === 'newest-first' ? 'DESC' : 'ASC';
}

/**
 * "This endpoint is one of that application's", ids of both given. For long ranges of an index of attempts: comparing the application
 * in each row would read the row as well.
 */
export const ENDPOINT_OF_APP = 'EXISTS (SELECT 1 FROM endpoint WHERE endpoint.id = ? AND endpoint.app_id = ?)';

/** Selects all columns of a query's entity except one, which can be large. */
export function selectWithout<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  property: keyof T & string,
): SelectQueryBuilder<T> {
  const { name, metadata } = query.expressionMap.mainAlias!;
  const columns = metadata.columns.filter((column) => column.propertyName !== property);
  return query.select(columns.map((column) => `${name}.${column.propertyName}`));
}

/** Whether a filter needs the message's own row at all: without one the join would only cost. */
export function filtersMessages(filter: MessageFilter): boolean {
  return filter.eventTypes !== null || filter.channel !== null || Boolean(filter.tag);
}

/**
 * Restricts a query that has the message as `m`. Channels and tags are kept as JSON text of names without quotes, commas and backslashes, so a
 * quoted name is found exactly.
 */
export function whereMessage<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  filter: MessageFilter,
): SelectQueryBuilder<T> {
  if (filter.eventTypes !== null) query.andWhere('m.eventType IN (:...eventTypes)', { eventTypes: filter.eventTypes });
  if (filter.channel !== null) query.andWhere('INSTR(m.channels, :channel) > 0', { channel: JSON.stringify(filter.channel) });
  if (filter.channels) {
    const names = filter.channels.map((name) => JSON.stringify(name));
    const one = names.map((_, at) => `INSTR(m.channels, :channel${at}) > 0`).join(' OR ');
    query.andWhere(`(${one})`, Object.fromEntries(names.map((name, at) => [`channel${at}`, name])));
  }
  if (filter.tag) query.andWhere('INSTR(m.tags, :tag) > 0', { tag: JSON.stringify(filter.tag) });
  return query;
}

/**
 * Whether a text from a path can be an id or uid at all. What can't is not asked for: the columns are ASCII, and some servers
 * answer a comparison with other characters by an error.
 */
export function isKey(text: string): boolean {
  return /^[a-zA-Z0-9\-_.]{1,256}$/.test(text);
}
