import type { TestApp } from './app.js';
import { aMessage, anApplication, anEndpoint } from './factories.js';
import { until } from './until.js';

/** What an application and its organisation have, by the names that paths call it. */
export type Belongings = Record<
  'app_id' | 'endpoint_id' | 'msg_id' | 'attempt_id' | 'event_type_name' | 'sink_id' | 'task_id' | 'operational_id' | 'key_id',
  string
>;

/** An application with one of everything, made with the organisation's token. Nothing listens at its endpoint. */
export async function belongings(app: Pick<TestApp, 'as'>, token: string): Promise<Belongings> {
  const api = app.as(token);
  const { id: appId } = await anApplication({ api });
  const { id: endpointId } = await anEndpoint({ api }, appId);
  const { id: msgId } = await aMessage({ api }, appId);
  const name = `walked.${msgId}`;
  await api.post('/event-type', { name, description: '' });
  // In the future, so that it finds nothing to send again, however slow the attempt is.
  const since = new Date(Date.now() + 60_000).toISOString();
  const task = await api.post(`/app/${appId}/endpoint/${endpointId}/recover`, { since });
  const operational = await api.post('/operational-webhook/endpoint', { url: 'http://127.0.0.1:9/hook' });
  const key = await api.post('/auth/api-token', { name: 'belongs' });
  const attempts = () => api.get(`/app/${appId}/attempt/msg/${msgId}`);
  const attempt = await until(async () => (await attempts()).body.data[0], 15_000, 'an attempt');
  return {
    app_id: appId,
    endpoint_id: endpointId,
    msg_id: msgId,
    attempt_id: attempt.id,
    event_type_name: name,
    sink_id: endpointId,
    task_id: task.body.id,
    operational_id: operational.body.id,
    key_id: key.body.id,
  };
}
