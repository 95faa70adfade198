import type { Api } from '../../support/api.js';
import { aMessage } from '../../support/factories.js';
import { until } from '../../support/until.js';

const USUAL_MS = 20_000;
const OPEN = ['pending', 'sending'];

interface HasApi {
  api: Api;
}

/** Sends a message, and waits until nothing more is tried with it at any endpoint. Answers its id. */
export async function sent(app: HasApi, appId: string, fields: Record<string, unknown> = {}): Promise<string> {
  const { id } = await aMessage(app, appId, fields);
  const hasEnded = async () => {
    const { body } = await app.api.get(`/app/${appId}/msg/${id}/endpoint`);
    return body.data.length > 0 && body.data.every(({ statusText }: { statusText: string }) => !OPEN.includes(statusText));
  };
  await until(hasEnded, USUAL_MS, `message ${id} to have ended`);
  return id;
}

/** Sends a message, and waits until it was tried once. Answers its id and that of the attempt. */
export async function tried(app: HasApi, appId: string, fields: Record<string, unknown> = {}): Promise<[string, string]> {
  const { id } = await aMessage(app, appId, fields);
  const attempt = async () => (await app.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data[0];
  return [id, (await until(attempt, USUAL_MS, `an attempt of message ${id}`)).id];
}
