import { z } from 'zod';
import { isId, type IdPrefix } from '../../domain/ids.js';
import { channelName, eventTypeName, tag as tagName } from './schemas.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 250;

/** Items a page. At least one: a client that walks the pages would never come to the end of empty ones. */
export const limit = z
  .string()
  .transform(reading(/^\d{1,15}$/, Number, 'a number'))
  .pipe(z.number().min(1).max(MAX_LIMIT))
  .default(DEFAULT_LIMIT);

/** Where a list of things with ids goes on: the id of an item, with a leading `-` for the page before it; null for the start. */
export function iterator(prefix: IdPrefix) {
  return z
    .string()
    .refine((text) => isId(prefix, text.replace(/^-/, '')), `Must be an id that begins with ${prefix}`)
    .nullable()
    .default(null);
}

/** The two orders of a list, as the document shows them. */
export const ordering = z.enum(['ascending', 'descending']).meta({ id: 'Ordering' });

/** In which order a list is presented. */
export function order(usual: 'ascending' | 'descending') {
  return z
    .string()
    .transform(reading(/^(ascending|descending)$/, (text) => text as 'ascending' | 'descending', '"ascending" or "descending"'))
    .default(usual);
}

/** A point in time. `2026-01-02T03:04:05Z`, `2026-01-02 03:04:05.678 UTC` and the like; UTC unless it says otherwise. */
export const moment = z.string().transform(asTime);

/** The same; null if not given. */
export const time = moment.nullable().default(null);

/** Only what is older. */
export const before = time;

/** Only what is as old or newer. */
export const after = time;

/** A switch. */
export function flag(usual: boolean) {
  return z
    .string()
    .transform(reading(/^(true|false)$/, (text) => text === 'true', '"true" or "false"'))
    .default(usual);
}

/** Event types to show, as `event_types=a,b`, repeated, `event_types[]=a` or `event_types[0]=a`; null for all. */
export const eventTypes = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((text) => text.split(',').filter((item) => item !== '')))
  .pipe(z.array(eventTypeName))
  .transform((names) => (names.length > 0 ? names : null))
  .nullable()
  .default(null);

/** Only what went to this channel; null for all. */
export const channel = channelName.nullable().default(null);

/** Only messages that were sent with this tag; null for all. */
export const tag = tagName.nullable().default(null);

/** 0 success, 1 pending, 2 fail, 3 sending, 4 canceled; null for all. */
export const status = oneOf(0, 1, 2, 3, 4);

/** The classes of HTTP statuses, as the document shows them. */
export const statusCodeClasses = z.literal([0, 100, 200, 300, 400, 500]).meta({ id: 'StatusCodeClass' });

/** The hundreds of an HTTP status (0: no answer); null for all. */
export const statusCodeClass = oneOf(0, 100, 200, 300, 400, 500);

function oneOf<const T extends number>(...allowed: T[]) {
  return z
    .string()
    .transform(reading(new RegExp(`^(${allowed.join('|')})$`), (text) => Number(text) as T, `one of ${allowed.join(', ')}`))
    .nullable()
    .default(null);
}

/** Turns a text into a value, or reports that it can't be read: 400, where a value out of range is 422. */
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
