import { z } from 'zod';
import type { FoundApplication, FoundEndpoint, FoundMessage } from '../../database/repositories/search.repository.js';
import { entityTime } from '../../domain/ids.js';
import { time } from '../http-support/answers.js';

/** The longest uid. */
const MAX_CHARS = 256;

/** What is searched: an id, a uid, or the beginning of a name. */
export const searchQuery = z.object({
  q: z
    .string()
    .max(MAX_CHARS)
    .transform((text) => text.trim())
    .refine((text) => text !== '', 'Must not be empty')
    .refine((text) => !/\p{Cc}/u.test(text), 'Control characters are not allowed'),
});

const foundApplicationOut = z
  .object({ id: z.string(), uid: z.string().nullable(), name: z.string(), orgId: z.string(), createdAt: time })
  .meta({ id: 'FoundApplicationOut' });

/** The application of something that was found. */
const inApplication = { appId: z.string(), appUid: z.string().nullable(), appName: z.string(), orgId: z.string() };

const foundEndpointOut = z
  .object({
    id: z.string(),
    uid: z.string().nullable(),
    host: z.string().nullable(),
    description: z.string(),
    disabled: z.boolean(),
    ...inApplication,
    createdAt: time,
  })
  .meta({ id: 'FoundEndpointOut' });

const foundMessageOut = z
  .object({ id: z.string(), eventType: z.string(), ...inApplication, createdAt: time })
  .meta({ id: 'FoundMessageOut' });

/** What was found, at most 20 of each kind. */
export const searchOut = z
  .object({
    applications: z.array(foundApplicationOut),
    endpoints: z.array(foundEndpointOut),
    messages: z.array(foundMessageOut),
    complete: z.boolean(),
  })
  .meta({ id: 'SearchOut' });

export type SearchQuery = z.output<typeof searchQuery>;
export type SearchOut = z.output<typeof searchOut>;

export function toFoundApplicationOut({ id, uid, name, orgId }: FoundApplication): z.output<typeof foundApplicationOut> {
  return { id, uid, name, orgId, createdAt: entityTime(id) };
}

/** The endpoint without path and query of its URL, which may be confidential. */
export function toFoundEndpointOut(endpoint: FoundEndpoint): z.output<typeof foundEndpointOut> {
  const { id, uid, url, description, disabled, application } = endpoint;
  return {
    id,
    uid,
    host: URL.parse(url)?.host ?? null,
    description,
    disabled,
    ...placeOf(application),
    createdAt: entityTime(id),
  };
}

export function toFoundMessageOut({ id, eventType, application }: FoundMessage): z.output<typeof foundMessageOut> {
  return { id, eventType, ...placeOf(application), createdAt: entityTime(id) };
}

function placeOf({ id, uid, name, orgId }: FoundApplication) {
  return { appId: id, appUid: uid, appName: name, orgId };
}
