import { z } from 'zod';
import { applicationIn } from '../http-support/application-in.js';
import { list } from '../http-support/bounded.js';
import { featureFlags } from '../http-support/schemas.js';
import { CAPABILITIES } from './capability.js';

const HOUR_SECONDS = 3600;
const WEEK_SECONDS = 7 * 24 * HOUR_SECONDS;
const MAX_SESSIONS = 100;
/** Far more than there are: a list may contain one twice. */
const MAX_CAPABILITIES = 100;

const sessionId = z.string().min(1).max(256);

const capabilities = list(z.enum(CAPABILITIES), MAX_CAPABILITIES).refine(
  (given) => given.includes('ViewBase'),
  'ViewBase is always required',
);

/** Limits of a portal token, and the application to create if it does not exist yet. */
export const portalAccessIn = z
  .object({
    featureFlags: featureFlags.default([]),
    application: applicationIn.nullish(),
    capabilities: capabilities.nullish(),
    readOnly: z.boolean().nullish(),
    expiry: z.number().int().min(HOUR_SECONDS).max(WEEK_SECONDS).nullish(),
    sessionId: sessionId.nullish(),
  })
  .meta({ id: 'AppPortalAccessIn' })
  .transform(({ featureFlags, application, readOnly, ...given }) => ({
    application: application ?? null,
    limits: {
      featureFlags,
      capabilities: readOnly ? (['ViewBase'] as const) : (given.capabilities ?? null),
      lifetimeSeconds: given.expiry ?? null,
      sessionId: given.sessionId ?? null,
    },
  }));

/** Which tokens of an application expire, and when: in `expiry` seconds, or at once. Without `sessionIds` all of them. */
export const tokenExpiry = z
  .object({
    expiry: z.number().int().min(0).max(WEEK_SECONDS).nullish(),
    sessionIds: list(sessionId, MAX_SESSIONS).default([]),
  })
  .meta({ id: 'ApplicationTokenExpireIn' });

/** A token for one application, and the URL that opens the portal with it. */
export const portalAccessOut = z.object({ url: z.string(), token: z.string() }).meta({ id: 'AppPortalAccessOut' });

export type PortalAccessIn = z.output<typeof portalAccessIn>;
export type PortalAccessOut = z.output<typeof portalAccessOut>;
export type TokenExpiry = z.output<typeof tokenExpiry>;
