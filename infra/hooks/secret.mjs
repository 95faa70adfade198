import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { limits } from './limits.mjs';

/**
 * Reads one secret. Throws what the SDK throws.
 * @param {string} arn
 * @param {AbortSignal} [abortSignal]
 * @returns {Promise<string>}
 */
export async function readSecret(arn, abortSignal) {
  const client = new SecretsManagerClient(limits);
  try {
    const { SecretString: text } = await client.send(
      new GetSecretValueCommand({ SecretId: arn }),
      abortSignal ? { abortSignal } : {},
    );
    if (!text) throw new Error(`the secret ${arn} is empty`);
    return text;
  } finally {
    client.destroy();
  }
}
