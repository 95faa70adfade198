import { z } from 'zod';
import { metadata, plainText, throttleRate, uid } from './schemas.js';

/** Name of an application, for people. */
export const applicationName = plainText.min(1);

/** An application as a caller describes it. `rateLimit` is the old name of `throttleRate`. */
export const applicationIn = z
  .object({
    name: applicationName,
    uid: uid('app_').nullish(),
    throttleRate: throttleRate.nullish(),
    rateLimit: throttleRate.nullish(),
    metadata: metadata.default({}),
  })
  .transform(({ rateLimit, ...given }) => ({
    ...given,
    uid: given.uid ?? null,
    throttleRate: given.throttleRate ?? rateLimit ?? null,
  }));

export type ApplicationIn = z.output<typeof applicationIn>;
