import { z } from 'zod';
import type { Application } from '../../database/entities/application.entity.js';
import { entityTime } from '../../domain/ids.js';
import { listOf, metadataOut, time } from '../http-support/answers.js';
import { applicationName } from '../http-support/application-in.js';
import { flag, iterator, limit, order } from '../http-support/list-query.js';
import { metadata, throttleRate, uid } from '../http-support/schemas.js';

/** A change of some properties of an application. Absent properties stay as they are. */
export const applicationPatch = z
  .object({
    name: applicationName.optional(),
    uid: uid('app_').nullish(),
    throttleRate: throttleRate.nullish(),
    rateLimit: throttleRate.nullish(),
    metadata: metadata.optional(),
  })
  .meta({ id: 'ApplicationPatch' })
  .transform(({ rateLimit, ...given }) => ({
    ...given,
    throttleRate: given.throttleRate === undefined ? rateLimit : given.throttleRate,
  }));

/** Query parameters of the list of applications. */
export const applicationList = z.object({
  limit,
  iterator: iterator('app_'),
  order: order('ascending'),
  exclude_apps_with_no_endpoints: flag(false),
  exclude_apps_with_disabled_endpoints: flag(false),
});

/** Query parameters when an application is created. */
export const applicationCreation = z.object({ get_if_exists: flag(false) });

export type ApplicationPatch = z.output<typeof applicationPatch>;
export type ApplicationList = z.output<typeof applicationList>;
export type ApplicationCreation = z.output<typeof applicationCreation>;

/** An application. `uid` and the old `rateLimit` are left out when there are none. */
export const applicationOut = z
  .object({
    id: z.string(),
    name: z.string(),
    uid: z.string().optional(),
    throttleRate: z.number().int().nullable(),
    rateLimit: z.number().int().optional(),
    metadata: metadataOut,
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'ApplicationOut' });
export const applicationPage = listOf(applicationOut);
export type ApplicationOut = z.output<typeof applicationOut>;

/** The application as the API shows it. */
export function toApplicationOut({ id, name, uid, throttleRate, metadata, updatedAt }: Application): ApplicationOut {
  return {
    id,
    name,
    ...(uid === null ? {} : { uid }),
    ...(throttleRate === null ? {} : { rateLimit: throttleRate }),
    throttleRate,
    metadata,
    createdAt: entityTime(id),
    updatedAt,
  };
}
