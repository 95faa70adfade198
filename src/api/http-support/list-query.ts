import { z } from 'zod';
import { isId, type IdPrefix } from '../../domain/ids.js';
import { list, queryText } from './bounded.js';
import { channelName, eventTypeName, tag as tagName } from './schemas.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 250;
/** The longest id, and the `-` of a page that is read backward. */
const MAX_ITERATOR_LENGTH = 64;
/** The event types that an endpoint or a filter may have. */
export const MAX_EVENT_TYPES = 10_000;

/** Items per page. At least one, because a client that reads all pages would never reach the end of empty ones. */
export const limit = queryText
  .transform(reading(/^\d{1,15}$/, Number, 'a number'))
  .pipe(z.number().min(1).max(MAX_LIMIT))
  .default(DEFAULT_LIMIT);

/** Where a page begins: after the item with this id, or before it with a leading `-`; null for the first page. */
export function iterator(prefix: IdPrefix) {
  return z
    .string()
    .max(MAX_ITERATOR_LENGTH)
    .refine((text) => isId(prefix, text.replace(/^-/, '')), `Must be an id that begins with ${prefix}`)
    .nullable()
    .default(null);
}

/** The orders of a list, as the document shows them. */
export const ordering = z.enum(['ascending', 'descending']).meta({ id: 'Ordering' });

/** The order of a list. */
export function order(defaultOrder: 'ascending' | 'descending') {
  return queryText
    .transform(reading(/^(ascending|descending)$/, (text) => text as 'ascending' | 'descending', '"ascending" or "descending"'))
    .default(defaultOrder);
}

/** A point in time, such as `2026-01-02T03:04:05Z` or `2026-01-02 03:04:05.678 UTC`. Without an offset it is UTC. */
export const moment = queryText.transform(asTime);

/** A point in time; null if it is not given. */
export const time = moment.nullable().default(null);

/** Only items before this time. */
export const before = time;

/** Only items at or after this time. */
export const after = time;

/** A boolean. */
export function flag(defaultValue: boolean) {
  return queryText.transform(reading(/^(true|false)$/, (text) => text === 'true', '"true" or "false"')).default(defaultValue);
}

/** Only these event types: `event_types=a,b`, the parameter repeated, `event_types[]=a` or `event_types[0]=a`; null for all. */
export const eventTypes = z
  .union([queryText, list(queryText, MAX_EVENT_TYPES)])
  .transform((given) => [given].flat().flatMap((text) => text.split(',').filter((item) => item !== '')))
  .pipe(z.array(eventTypeName).max(MAX_EVENT_TYPES))
  .transform((names) => (names.length > 0 ? names : null))
  .nullable()
  .default(null);

/** Only messages of this channel; null for all. */
export const channel = channelName.nullable().default(null);

/** Only messages with this tag; null for all. */
export const tag = tagName.nullable().default(null);

/** 0 success, 1 pending, 2 fail, 3 sending, 4 canceled; null for all. */
export const status = oneOf(0, 1, 2, 3, 4);

/** The classes of HTTP statuses, as the document shows them. */
export const statusCodeClasses = z.literal([0, 100, 200, 300, 400, 500]).meta({ id: 'StatusCodeClass' });

/** The class of an HTTP status, such as 400 for 4xx; 0 for no answer, null for all. */
export const statusCodeClass = oneOf(0, 100, 200, 300, 400, 500);

function oneOf<const T extends number>(...allowed: T[]) {
  return queryText
    .transform(reading(new RegExp(`^(${allowed.join('|')})$`), (text) => Number(text) as T, `one of ${allowed.join(', ')}`))
    .nullable()
    .default(null);
}

/** Parses a text. If it can not be parsed the answer is 400; a value out of range is a 422. */
function reading<T>(pattern: RegExp, read: (text: string) => T, expected: string) {
  return (text: string, context: z.RefinementCtx): T => (pattern.test(text) ? read(text) : unreadable(context, expected));
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(Z|UTC|[+\- ]?\d\d:?\d\d)?$/i;

function asTime(text: string, context: z.RefinementCtx): Date {
  const [, day, minute = '00:00', second = '00', fraction = '0', zone = 'Z'] = TIME.exec(text) ?? [];
  const date = new Date(`${day}T${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${offsetOf(zone)}`);
  const exists = !Number.isNaN(date.getTime()) && Number(day?.slice(8)) <= daysOfMonth(day!);
  return exists ? date : unreadable(context, 'a time, like 2026-01-02T03:04:05Z');
}

/** A `+` that was not percent-encoded arrives as a space. */
function offsetOf(zone: string): string {
  if (/^(Z|UTC)$/i.test(zone)) return 'Z';
  const digits = zone.replace(/\D/g, '');
  return `${zone.startsWith('-') ? '-' : '+'}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function daysOfMonth(day: string): number {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate();
}

function unreadable(context: z.RefinementCtx, expected: string): never {
  context.addIssue({ code: 'custom', message: `Must be ${expected}`, params: { unparsable: true } });
  return z.NEVER;
}
