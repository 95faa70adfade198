import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/**
 * Reads one secret. Throws what the SDK throws.
 * @param {string} arn
 * @param {AbortSignal} [abortSignal]
 * @returns {Promise<string>}
 */
export async function readSecret(arn, abortSignal) {
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 },
  });
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
