import { namesOf } from '../../infra/lib/settings.js';
import type { Own } from '../parts.js';
import type { Installation } from './installation.js';

export interface PlannedSecret {
  arn: string;
  name: string;
}

/** ARN, with or without the six characters that Secrets Manager adds to a name. No name of an installation ends like them. */
const ARN = /^arn:aws:secretsmanager:[^:]+:[^:]+:secret:(.+?)(-[A-Za-z0-9]{6})?$/;

/**
 * Those that the stacks make, and those that they take from before (`-c kept=true`), which they only name.
 *
 * @param named texts of the stacks that may be ARNs of secrets
 */
export function secretsIn(installation: Installation, named: readonly string[]): PlannedSecret[] {
  const made = installation
    .all('AWS::SecretsManager::Secret')
    .map(({ id, properties }) => ({ arn: installation.ref(id), name: String(properties.Name ?? id) }));
  const others = [...new Set(named)].filter((text) => ARN.test(text) && !made.some(({ arn }) => arn === text));
  return [...made, ...others.map((arn) => ({ arn, name: ARN.exec(arn)![1]! }))];
}

/** What the secrets of an installation have in them, by their names there: a task definition that names a wrong one gets a wrong value. */
export function valuesOf(installation: string, own: Own): Record<string, string> {
  const { urls, secrets } = namesOf(installation);
  return {
    [urls.app]: own.databaseUrl,
    [urls.redis]: own.redisUrl,
    [secrets.jwtSecret]: own.jwtSecret,
    [secrets.encryptionKey]: own.encryptionKey,
  };
}
