import { z } from 'zod';
import { InvalidSecret, parseSecret } from '../../domain/secrets.js';

const MAX_GRACE_SECONDS = 7 * 24 * 3600;

/** A signing secret that its owner chose. */
export const ownSecret = z.string().superRefine((text, context) => {
  try {
    parseSecret(text);
  } catch (error) {
    if (!(error instanceof InvalidSecret)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

/** A new current secret (none: generated), and for how long the one before it still signs. */
export const secretRotation = z
  .object({
    key: ownSecret.nullish(),
    gracePeriodSeconds: z.number().int().min(0).max(MAX_GRACE_SECONDS).nullish(),
  })
  .meta({ id: 'EndpointSecretRotateIn' });

/** What signatures are verified with: the secret, or its public half. */
export const secretOut = z.object({ key: z.string() }).meta({ id: 'EndpointSecretOut' });

export type SecretRotation = z.output<typeof secretRotation>;
export type SecretOut = z.output<typeof secretOut>;
