import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { ItemSize } from '../domain/page.js';
import type { IdWindow } from '../domain/time-window.js';
import { dialectOf } from './dialect.js';

/** Filters of a list of messages, or of rows that belong to messages. Null means no filter. */
export interface MessageFilter {
  eventTypes: readonly string[] | null;
  channel: string | null;
  tag?: string | null;
  /** Messages that have at least one of these channels. */
  channels?: readonly string[] | null;
}

/**
 * Restricts a query to a window of ids, in the window's order of reading.
 *
 * @param id property path of the id, such as `m.id`
 * @param count rows to read; callers read one row more than a page has, to know whether there is a next page
 */
export function applyWindow<T extends ObjectLiteral>(
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
 * The same for one endpoint, with an index that begins with the endpoint. The comparison is explained at `endpointIs`. It hides from
 * MariaDB that there is only one endpoint, so the order has to begin with the endpoint too; otherwise MariaDB would sort all rows.
 *
 * @param row alias of the table that has the index
 * @param id property path of the id, with that alias
 */
export function applyEndpointWindow<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  { row, id, index, endpointId }: { row: string; id: string; index: string; endpointId: string },
  window: IdWindow,
  count: number,
): SelectQueryBuilder<T> {
  const endpoint = `${row}.endpointId`;
  const isSqlite = dialectOf(query.connection) === 'sqlite';
  query.andWhere(isSqlite ? `${endpoint} = :endpointId` : `${endpoint} >= :endpointId AND ${endpoint} <= :endpointId`);
  applyWindow(query.setParameters({ endpointId }).useIndex(index), id, window, count);
  return query.orderBy(endpoint, orderOf(window)).addOrderBy(id, orderOf(window));
}

/**
 * Reads the rows with the index that the query names. TypeORM only knows USE INDEX, with which MariaDB may still read the whole table and sort it,
 * if the endpoint has most of its rows.
 */
export function readForced<Row>(query: SelectQueryBuilder<ObjectLiteral>): Promise<Row[]> {
  const [sql, parameters] = query.getQueryAndParameters();
  return query.connection.query(sql.replace(' USE INDEX (', ' FORCE INDEX ('), parameters);
}

/** The SQL order of a window. */
export function orderOf({ order }: IdWindow): 'ASC' | 'DESC' {
  return order === 'newest-first' ? 'DESC' : 'ASC';
}

/**
 * SQL condition: the endpoint belongs to the application; parameters are both ids. For queries that read a long range of an index of
 * attempts: a condition on the row's own application would have to read each row.
 */
export const ENDPOINT_OF_APP = 'EXISTS (SELECT 1 FROM endpoint WHERE endpoint.id = ? AND endpoint.app_id = ?)';

/** The same for a query builder with these parameters. With EXISTS, SQLite begins such a query at the endpoint, and sorts. */
export const ENDPOINT_OF_NAMED_APP = '(SELECT e.app_id FROM endpoint e WHERE e.id = :endpointId) = :appId';

/**
 * Reads ids and sizes: a caller chooses by them which rows it reads whole.
 *
 * @param id property path of the id
 * @param columns property paths of the columns that can be large
 */
export async function sizesIn<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  id: string,
  columns: readonly string[],
): Promise<ItemSize[]> {
  const bytes = columns.map((column) => `COALESCE(LENGTH(${column}), 0)`).join(' + ');
  const rows: { id: string; bytes: number | string }[] = await query.select(id, 'id').addSelect(bytes, 'bytes').getRawMany();
  // A driver may answer a number as text.
  return rows.map((row) => ({ id: row.id, bytes: Number(row.bytes) }));
}

/** Selects all columns of a query's entity except one, which can be large. */
export function selectWithout<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  property: keyof T & string,
): SelectQueryBuilder<T> {
  const { name, metadata } = query.expressionMap.mainAlias!;
  const columns = metadata.columns.filter((column) => column.propertyName !== property);
  return query.select(columns.map((column) => `${name}.${column.propertyName}`));
}

/** Whether the filter needs the message's row. If not, the query needs no join with messages. */
export function filtersMessages(filter: MessageFilter): boolean {
  return filter.eventTypes !== null || filter.channel !== null || Boolean(filter.tag) || Boolean(filter.channels);
}

/**
 * Applies the filter to a query that has the message as `m`. Channels and tags are stored as JSON text, and their names have no quotes,
 * commas or backslashes. So a search for the name in quotes finds exactly this name.
 */
export function whereMessage<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  filter: MessageFilter,
): SelectQueryBuilder<T> {
  if (filter.eventTypes !== null) query.andWhere('m.eventType IN (:...eventTypes)', { eventTypes: filter.eventTypes });
  if (filter.channel !== null) query.andWhere('INSTR(m.channels, :channel) > 0', { channel: JSON.stringify(filter.channel) });
  if (filter.channels) {
    const names = filter.channels.map((name) => JSON.stringify(name));
    const anyOf = names.map((_, at) => `INSTR(m.channels, :channel${at}) > 0`).join(' OR ');
    query.andWhere(`(${anyOf})`, Object.fromEntries(names.map((name, at) => [`channel${at}`, name])));
  }
  if (filter.tag) query.andWhere('INSTR(m.tags, :tag) > 0', { tag: JSON.stringify(filter.tag) });
  return query;
}

/** The items in lists of at most `size`, for statements that have a variable for each item. */
export function chunked<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, n) => items.slice(n * size, (n + 1) * size));
}

/**
 * Whether a text from a path can be an id or uid. Other texts must not be searched for: the columns are ASCII, and some servers answer a
 * comparison with other characters with an error.
 */
export function isKey(text: string): boolean {
  return /^[a-zA-Z0-9\-_.]{1,256}$/.test(text);
}
