import type { SealedSecret } from '../../database/entities/endpoint.entity.js';

/** Each message is signed with every valid secret. Without a limit its headers would grow until receivers refuse them. */
export const MAX_OLD_SECRETS = 10;

/**
 * The secrets after a rotation: the new one first, then the old ones that still sign, sorted by expiry. Expired ones are removed.
 *
 * @param graceMs how long the previous secret keeps signing; 0 for not at all
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
