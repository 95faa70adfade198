import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { anInstallation, type Installation, type Server } from './installation.js';

/** The limits of the API: a body of 16 MiB with 1,000 messages, and 20,000 deliveries. */
const MESSAGES = 1_000;
const ENDPOINTS = 20;
const CHARS = 15_500;
/** The longest payload that fits into a message of 2 MiB. Each quote is two bytes in the packet. */
const LONGEST_CHARS = 1_048_000;

describe('the largest that is accepted, on this server', () => {
  let installation: Installation;
  let server: Server;

  beforeAll(async () => {
    // Nothing is delivered.
    installation = await anInstallation({ HANDOFF: 'off' });
    server = await installation.start({ role: 'api' });
  });
  afterAll(() => installation?.remove());

  const rows = async (table: string, appId: string) =>
    Number(
      (await installation.sql<{ found: number }>(`SELECT COUNT(*) AS found FROM ${table} WHERE app_id = ?`, [appId]))[0]!.found,
    );

  it('a message of 2 MiB is stored with its bytes, also if the packet is twice as long', async () => {
    const { id: appId } = await anApplication(server);
    const payload = { text: '"'.repeat(LONGEST_CHARS - 1) };
    const { status, body } = await server.api.post(`/app/${appId}/msg`, { eventType: 'a', payload });
    expect(status).toBe(202);
    expect((await server.api.get(`/app/${appId}/msg/${body.id}`)).body.payload).toEqual(payload);
  });

  it('a batch of 1,000 messages, 15 MB and 20,000 deliveries is stored in one transaction', async () => {
    const { id: appId } = await anApplication(server);
    for (let left = ENDPOINTS; left > 0; left--) await anEndpoint(server, appId, { url: 'http://127.0.0.1:9/' });
    const messages = Array.from({ length: MESSAGES }, () => ({ eventType: 'a', payload: { text: 'x'.repeat(CHARS) } }));
    const send = () => server.api.post(`/app/${appId}/msg/batch`, { messages });
    // A machine that is too slow for it now says so, and has stored nothing.
    const answer = await until(
      async () => {
        const given = await send();
        if (given.status === 503) expect([await rows('message', appId), await rows('delivery', appId)]).toEqual([0, 0]);
        return given.status === 503 ? null : given;
      },
      20_000,
      'the batch to be accepted',
    );
    expect(answer.status).toBe(202);
    expect([await rows('message', appId), await rows('delivery', appId)]).toEqual([MESSAGES, MESSAGES * ENDPOINTS]);
  });
});
