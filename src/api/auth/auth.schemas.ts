import { z } from 'zod';
import { applicationIn } from '../http-support/application-in.js';
import { featureFlag } from '../http-support/schemas.js';

/** What a portal token may show, and the application to make if it isn't there yet. */
export const portalAccessIn = z.object({
  featureFlags: z.array(featureFlag).default([]),
  application: applicationIn.nullish(),
});

export type PortalAccessIn = z.output<typeof portalAccessIn>;
