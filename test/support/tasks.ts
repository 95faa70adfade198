import type { Api } from './api.js';
import { until } from './until.js';

/** The background task, once it has ended. */
export function ended(app: { api: Api }, taskId: string, withinMs = 60_000): Promise<any> {
  const look = async () => {
    const { body } = await app.api.get(`/background-task/${taskId}`);
    return (body.status === 'finished' || body.status === 'failed') && body;
  };
  return until(look, withinMs, `task ${taskId} to end`);
}
