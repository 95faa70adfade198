import { z } from 'zod';
import type { ApiKey } from '../../database/entities/api-key.entity.js';
import { entityTime } from '../../domain/ids.js';
import { listOf, time } from '../http-support/answers.js';
import { list } from '../http-support/bounded.js';
import { iterator, limit, order } from '../http-support/list-query.js';
import { plainText } from '../http-support/schemas.js';
import { scopesOf } from './api-keys.js';
import { KEY_SCOPES } from './key-scope.js';

const DAY_SECONDS = 24 * 3600;
const MAX_LIFE_SECONDS = 10 * 365 * DAY_SECONDS;
const MAX_OVERLAP_SECONDS = 30 * DAY_SECONDS;
const MAX_NAME_LENGTH = 255;

/** A new API key. `expiry` is in seconds from now; without it the key does not expire. */
export const apiTokenIn = z
  .object({
    name: plainText.min(1).max(MAX_NAME_LENGTH),
    scopes: list(z.enum(KEY_SCOPES), KEY_SCOPES.length, 1)
      .nullish()
      .transform((given) => given ?? (['full'] as const)),
    appId: z.string().min(1).max(256).nullish(),
    expiry: z.number().int().min(1).max(MAX_LIFE_SECONDS).nullish(),
  })
  .meta({ id: 'ApiTokenIn' });

/** When a key expires: in `expiry` seconds, or at once. */
export const apiTokenExpireIn = z
  .object({ expiry: z.number().int().min(0).max(MAX_LIFE_SECONDS).nullish() })
  .meta({ id: 'ApiTokenExpireIn' });

/** How long the secret until now is valid beside the new one, in seconds. */
export const apiTokenRotateIn = z
  .object({
    gracePeriodSeconds: z
      .number()
      .int()
      .min(0)
      .max(MAX_OVERLAP_SECONDS)
      .nullish()
      .transform((given) => given ?? DAY_SECONDS),
  })
  .meta({ id: 'ApiTokenRotateIn' });

/** Query parameters of the list of keys. */
export const apiTokenList = z.object({ limit, iterator: iterator('key_'), order: order('ascending') });

const common = {
  id: z.string(),
  name: z.string(),
  createdAt: time,
  expiresAt: time.nullable(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  appId: z.string().nullable(),
  createdBy: z.string(),
};

/** A key with its secret: it is shown this one time. */
export const apiTokenOut = z.object({ token: z.string(), ...common }).meta({ id: 'ApiTokenOut' });

/** A key without its secret. */
export const apiTokenCensoredOut = z
  .object({ censoredToken: z.string(), ...common, lastUsedAt: time.nullable() })
  .meta({ id: 'ApiTokenCensoredOut' });
export const apiTokenPage = listOf(apiTokenCensoredOut);

export type ApiTokenIn = z.output<typeof apiTokenIn>;
export type ApiTokenExpireIn = z.output<typeof apiTokenExpireIn>;
export type ApiTokenRotateIn = z.output<typeof apiTokenRotateIn>;
export type ApiTokenList = z.output<typeof apiTokenList>;
export type ApiTokenOut = z.output<typeof apiTokenOut>;
export type ApiTokenCensoredOut = z.output<typeof apiTokenCensoredOut>;

/** The key as it is shown to whoever has just made its secret. */
export function toApiTokenOut(key: ApiKey, token: string): ApiTokenOut {
  return { token, ...commonOf(key) };
}

/** The key as it is shown later. */
export function toApiTokenCensoredOut(key: ApiKey): ApiTokenCensoredOut {
  return { censoredToken: `${key.hint}${'*'.repeat(16)}`, ...commonOf(key), lastUsedAt: key.lastUsedAt };
}

function commonOf(key: ApiKey) {
  const { id, name, expiresAt, appId, creator } = key;
  return { id, name, createdAt: entityTime(id), expiresAt, scopes: scopesOf(key), appId, createdBy: creator };
}
