import { z } from 'zod';
import { InvalidSecret, parseSecret } from '../../domain/secrets.js';

const MAX_GRACE_SECONDS = 7 * 24 * 3600;
/** Twice the longest secret. */
const MAX_SECRET_LENGTH = 256;

/** A signing secret that the caller chose. */
export const ownSecret = z
  .string()
  .max(MAX_SECRET_LENGTH, { abort: true })
  .superRefine((text, context) => {
    try {
      parseSecret(text);
    } catch (error) {
      if (!(error instanceof InvalidSecret)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

/** The new secret (generated if none is given), and how long the previous one keeps signing. */
export const secretRotation = z
  .object({
    key: ownSecret.nullish(),
    gracePeriodSeconds: z.number().int().min(0).max(MAX_GRACE_SECONDS).nullish(),
  })
  .meta({ id: 'EndpointSecretRotateIn' });

/** The key that verifies signatures: the secret, or the public key of an asymmetric one. */
export const secretOut = z.object({ key: z.string() }).meta({ id: 'EndpointSecretOut' });

export type SecretRotation = z.output<typeof secretRotation>;
export type SecretOut = z.output<typeof secretOut>;
