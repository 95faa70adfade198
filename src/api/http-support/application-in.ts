import { z } from 'zod';
import { metadata, plainText, throttleRate, uid } from './schemas.js';

/** The display name of an application. */
export const applicationName = plainText.min(1);

const described = z
  .object({
    name: applicationName,
    uid: uid('app_').nullish(),
    throttleRate: throttleRate.nullish(),
    rateLimit: throttleRate.nullish(),
    metadata: metadata.default({}),
  })
  .meta({ id: 'ApplicationIn' })
  .transform(({ rateLimit, ...given }) => ({ ...given, throttleRate: given.throttleRate ?? rateLimit ?? null }));

/** A new application. `rateLimit` is the old name of `throttleRate`. */
export const applicationIn = described.transform((given) => ({ ...given, uid: given.uid ?? null }));

/** The same for a PUT. If the body has no `uid`, the path may give it. */
export const applicationPut = described;

export type ApplicationIn = z.output<typeof applicationIn>;
export type ApplicationPut = z.output<typeof applicationPut>;
