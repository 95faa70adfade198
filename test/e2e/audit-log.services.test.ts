import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';

import { anInstallation, type Installation, type Server } from '../faults/installation.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { programOf } from '../support/process.js';
import { startChild } from '../support/child.js';
import { until } from '../support/until.js';

const OUTCOME_MS = 5_000;

describe('the audit log of an installation', () => {
  let installation: Installation;

  beforeEach(() => {
    installation = undefined as never;
  });
  afterEach(() => installation?.remove());

  const log = async ({ api }: Server): Promise<any[]> => (await api.get('/audit-log?limit=250')).body.data;

  it('has the outcomes of all changes that a process answered before it stopped', async () => {
    installation = await anInstallation();
    const [stopped, other] = await Promise.all([installation.start({ role: 'api' }), installation.start({ role: 'api' })]);
    await Promise.all(Array.from({ length: 40 }, () => anApplication(stopped)));
    await stopped.stop();
    const entries = await log(other);
    expect(entries).toHaveLength(40);
    expect(entries.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
  });

  it('has no change whose entry could not be written', async () => {
    installation = await anInstallation();
    const server = await installation.start({ role: 'api' });
    await installation.sql('RENAME TABLE audit_log TO audit_log_away');
    expect((await server.api.post('/app', { name: 'Never' })).status).toBeGreaterThanOrEqual(500);
    await installation.sql('RENAME TABLE audit_log_away TO audit_log');
    expect((await server.api.get('/app')).body.data).toEqual([]);
  });

  it('calls the outcome of a change unknown whose process died in the middle', async () => {
    installation = await anInstallation();
    const [dying, other] = await Promise.all([installation.start({ role: 'api' }), installation.start({ role: 'api' })]);
    const { id } = await anApplication(dying);
    const patches = async () => (await log(other)).filter(({ operation }) => operation === 'v1.application.patch');
    const locker = await mysql.createConnection({ uri: installation.database.adminUrl });
    try {
      await locker.query('START TRANSACTION');
      await locker.query('SELECT id FROM application WHERE id = ? FOR UPDATE', [id]);
      const answer = dying.api.patch(`/app/${id}`, { name: 'Never' }).catch(() => null);
      await until(async () => (await patches()).length === 1, OUTCOME_MS, 'the entry');
      await dying.kill();
      await answer;
    } finally {
      locker.destroy();
    }
    expect(await patches()).toMatchObject([{ appId: id, fields: ['name'], outcome: 'unknown', status: null }]);
  });

  it('costs a change two statements, and a message none', async () => {
    installation = await anInstallation();
    const server = await installation.start({ role: 'api' });
    const { id } = await anApplication(server);
    await installation.sql("SET GLOBAL log_output = 'TABLE'");
    await installation.sql('SET GLOBAL general_log = ON');
    try {
      for (let n = 0; n < 3; n++) await aMessage(server, id);
      await anEndpoint(server, id);
      const statements = async () => {
        const rows = await installation.sql<{ text: string }>(
          `SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log
            WHERE command_type IN ('Query', 'Execute') AND INSTR(argument, ?) > 0 AND INSTR(argument, 'audit_log') > 0
              AND INSTR(argument, 'general_log') = 0 ORDER BY event_time`,
          [id],
        );
        return rows.map(({ text }) => text.split(' ')[0]);
      };
      await until(async () => (await statements()).includes('UPDATE'), OUTCOME_MS, 'the outcome');
      expect(await statements()).toEqual(['INSERT', 'UPDATE']);
    } finally {
      await installation.sql('SET GLOBAL general_log = OFF');
    }
  });

  it('has the command that migrated the database', async () => {
    installation = await anInstallation({}, { schema: false });
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ...installation.env, DATABASE_MIGRATION_URL: installation.database.migrationUrl };
    const command = startChild(process.execPath, [programOf('this build', 'cli.js'), 'migrate'], env);
    expect(await command.exited).toMatchObject({ code: 0 });
    const rows = await installation.sql('SELECT org_id, operation, actor, objects, status FROM audit_log');
    expect(rows).toMatchObject([{ org_id: 'operator', operation: 'command.migrate', actor: 'command', status: 0 }]);
    expect(rows[0]!['objects']).toContain('AuditLog1764633600000');
  });
});
