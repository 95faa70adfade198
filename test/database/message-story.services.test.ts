import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { MysqlEngineStore } from '../../src/database/engine/mysql-engine-store.js';
import { MysqlEnginePool } from '../../src/database/engine/mysql-pool.js';
import { MessageStoryRepository } from '../../src/database/repositories/message-story.repository.js';
import { newId } from '../../src/domain/ids.js';
import { EngineFixture } from '../faults/engine-fixture.js';
import { startOwnServer, type OwnServer } from './own-server.js';

const ROWS = 20_000;
const APPLICATIONS = 2_500;

/** Has its own server, so that no other test changes its counters. */
describe('the story of a message in large tables', () => {
  let server: OwnServer;
  let status: mysql.Connection;
  let rows: EngineFixture;
  let store: MysqlEngineStore;
  let stories: MessageStoryRepository;

  beforeAll(async () => {
    server = await startOwnServer();
    const { config, dataSource } = server;
    status = server.status;
    store = new MysqlEngineStore(new MysqlEnginePool(config));
    stories = new MessageStoryRepository(dataSource);
    rows = await new EngineFixture({ store, other: store, dataSource, close: async () => {} }).prepare();
    const time = "'2026-01-01 00:00:00.000'";
    for (const statement of [
      `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence)
       SELECT CONCAT('msg_', seq), 'ep_1', 0, '${rows.appId}', 2, 1, 1 FROM seq_1_to_${ROWS}`,
      `INSERT INTO attempt (msg_id, id, app_id, endpoint_id, url, status, trigger_type, status_code, duration_ms, response)
       SELECT CONCAT('msg_', seq), CONCAT('atmpt_', seq), '${rows.appId}', 'ep_1', '', 0, 0, 200, 1, '' FROM seq_1_to_${ROWS}`,
      `INSERT INTO message (app_id, id, event_type, payload_until)
       SELECT '${rows.appId}', CONCAT('msg_', seq), 'a', ${time} FROM seq_1_to_${ROWS}`,
      `INSERT INTO dead_letter (org_id, id, app_id, msg_id, endpoint_id, reason, since)
       SELECT 'org_1', CONCAT('msg_', seq, ':ep_1:0'), '${rows.appId}', CONCAT('msg_', seq), 'ep_1', 'worker lost', ${time} FROM seq_1_to_${ROWS}`,
      `INSERT INTO operational_event (id, type, app_id, data, due_at)
       SELECT CONCAT('opevt_0', seq), 'endpoint.updated', '${rows.appId}', '{}', ${time} FROM seq_1_to_${ROWS}`,
      `INSERT INTO endpoint (id, app_id, url, description, api_version, disabled, metadata, secrets, deleted, updated_at)
       SELECT CONCAT('ep_', seq), 'app_1', '', '', 1, 0, '{}', '[]', 0, ${time} FROM seq_1_to_${ROWS}`,
      `INSERT INTO application (id, org_id, name, metadata, version, deleted, updated_at)
       SELECT CONCAT('app_', seq), 'org_1', 'Shop', '{}', 1, 0, ${time} FROM seq_1_to_${APPLICATIONS}`,
    ])
      await status.query(statement);
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  /** The story, and how many rows the server read for it. */
  const read = async (msgId: string) => {
    const count = async () => {
      const [found] = await status.query<mysql.RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Handler_read%next'");
      return found.reduce((sum, row) => sum + Number(row['Value']), 0);
    };
    const before = await count();
    const story = await stories.find(msgId, null);
    return { story, read: (await count()) - before };
  };

  it('is read without reading the other rows', async () => {
    const [ref] = await rows.written(1, true);
    const { story, read: passed } = await read(ref!.msgId);

    expect(story).toMatchObject({
      deliveries: [{ msgId: ref!.msgId, endpointId: rows.endpointId }],
      endpoints: [{ id: rows.endpointId }],
    });
    expect(passed).toBeLessThan(ROWS / 100);
  });

  it('of a message without deliveries is found with one look-up for each application', async () => {
    const id = newId('msg_');
    const group = { ...rows.group([{ id }], false), deliveries: [] };
    expect(await store.insertGroup(group, 1)).toMatchObject({ kind: 'committed' });
    const { story, read: passed } = await read(id);

    expect(story).toMatchObject({ application: { id: rows.appId }, message: { id, hasPayload: true }, deliveries: [] });
    expect(passed).toBeLessThan(APPLICATIONS * 3);
  });

  it('of a message that does not exist ends after the last application', async () => {
    const { story, read: passed } = await read(newId('msg_'));

    expect(story).toBeNull();
    expect(passed).toBeLessThan(APPLICATIONS * 3);
  });
});
