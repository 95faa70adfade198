import { z } from 'zod';
import { metadata, plainText, throttleRate, uid } from './schemas.js';

/** Name of an application, for people. */
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

/** An application as a caller describes it. `rateLimit` is the old name of `throttleRate`. */
export const applicationIn = described.transform((given) => ({ ...given, uid: given.uid ?? null }));

/** The same where the path names the application: without a `uid` that path may say it. */
export const applicationPut = described;

export type ApplicationIn = z.output<typeof applicationIn>;
export type ApplicationPut = z.output<typeof applicationPut>;
