import type { SealedSecret } from '../../database/entities/endpoint.entity.js';

/** Each message is signed with every live secret: without a bound its headers would grow until receivers refuse them. */
export const MAX_OLD_SECRETS = 10;

/**
 * The secrets after a rotation: the new one first, then those that still sign, by expiry. Expired ones are dropped.
 *
 * @param graceMs how long the secret that was current goes on signing; 0 ends it at once
 * @returns null if more than MAX_OLD_SECRETS old ones would sign
 */
export function rotatedSecrets(
  secrets: readonly SealedSecret[],
  sealed: string,
  graceMs: number,
  nowMs: number,
): SealedSecret[] | null {
  const old = secrets
    .map((secret) => ({ sealed: secret.sealed, expiresAt: secret.expiresAt ?? nowMs + graceMs }))
    .filter((secret) => secret.expiresAt > nowMs)
    .sort((one, other) => one.expiresAt - other.expiresAt);
  return old.length > MAX_OLD_SECRETS ? null : [{ sealed, expiresAt: null }, ...old];
}
