import { DataSource } from 'typeorm';
import { AttemptCounter } from '../../../src/background/attempt-counter.js';
import type { Api } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { aMessage } from '../../support/factories.js';
import { until } from '../../support/until.js';

const USUAL_MS = 20_000;
const HOUR_MS = 3_600_000;
/** By then the minute that runs now is over, and what was counted in it is shown. */
const SOON_MS = 120_000;

/** A message whose delivery looks as if ten workers had died over it: a dead letter, which no request can make. Answers its id. */
export async function lostDelivery(app: TestApp, appId: string): Promise<string> {
  const { id } = await aMessage(app, appId, { deliverAt: new Date(Date.now() + HOUR_MS) });
  const due = new Date(Date.now() - 1_000).toISOString().replace('T', ' ').slice(0, 23);
  await app.nest.get(DataSource).query('UPDATE delivery SET fence = 10, due_at = ? WHERE msg_id = ?', [due, id]);
  const letters = async () => (await app.api.get('/admin/dead-letter')).body.data as { msgId?: string }[];
  await until(async () => (await letters()).some(({ msgId }) => msgId === id), USUAL_MS, 'the dead letter to be listed');
  return id;
}

/** Counts the attempts of an organisation that has failures, as the service does once a minute. */
export async function countAttempts(app: TestApp, api: Api): Promise<void> {
  const isCounted = async () => {
    await app.nest
      .get(DataSource)
      .query(`UPDATE shared_work SET due_at = '1970-01-01 00:00:00.000' WHERE name = 'attempt_counts'`);
    await app.nest.get(AttemptCounter).turn(Date.now() + SOON_MS);
    return (await api.get('/stats/endpoint?order=failing')).body.data.length > 0;
  };
  await until(isCounted, USUAL_MS, 'the attempts to be counted');
}
