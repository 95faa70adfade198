import { z } from 'zod';
import { isPublicKeyText, parsePublicKeys } from './public-keys.js';
import { parseJwtSecrets } from './jwt-secrets.js';

/** A secret, or a list of them. */
export const jwtSecrets = z
  .string()
  .transform((text, context) => {
    if (isPublicKeyText(text)) {
      context.addIssue({ code: 'custom', message: 'is a public key, which others know: it belongs into JWT_PUBLIC_KEYS.' });
      return z.NEVER;
    }
    return parseJwtSecrets(text);
  })
  .refine((secrets) => secrets !== null, 'must be a secret (a comma-separated list while secrets change).');

/** Public keys, or the URL of a JWKS document. */
export const jwtPublicKeys = z.string().transform((text, context) => {
  const parsed = parsePublicKeys(text);
  if (!('problem' in parsed)) return parsed;
  context.addIssue({ code: 'custom', message: parsed.problem });
  return z.NEVER;
});

/** Audiences of which a token must name one. */
export const jwtAudience = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  .refine((names) => names.length > 0, 'must be a name (or several, with commas between them).');
