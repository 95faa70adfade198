import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type mysql from 'mysql2/promise';
import type { World } from '../world.js';
import { chosen, embeddedOnly, mariaDbOnly, ownDatabaseProcess, withServers, type FaultKind, type Scene } from './kind.js';

const WRITES_WITHIN_MS = 5_000;
const TABLES = ['delivery', 'message', 'attempt', 'endpoint', 'message_key'];

/** Faults of the database, and of the way to it. */
export const DATABASE_FAULTS: FaultKind[] = [
  {
    name: 'database killed',
    hits: 'database',
    lasts: [1_000, 9_000],
    red: true,
    impossible: ownDatabaseProcess,
    async begin({ world }) {
      const database = world.servers.database!;
      await database.kill();
      return { target: 'MariaDB', end: () => database.restart() };
    },
  },
  {
    name: 'database frozen',
    hits: 'database',
    lasts: [2_000, 9_000],
    red: true,
    impossible: ownDatabaseProcess,
    async begin({ world }) {
      const database = world.servers.database!;
      database.freeze();
      return { target: 'MariaDB', end: async () => database.thaw() };
    },
  },
  {
    name: 'database unreachable',
    hits: 'database',
    lasts: [2_000, 9_000],
    red: true,
    impossible: withServers,
    async begin({ world }) {
      const { proxy } = world.shared!;
      await proxy.stall();
      return { target: 'all connections stall', end: () => proxy.flow() };
    },
  },
  {
    name: 'connections cut',
    hits: 'database',
    lasts: [100, 500],
    impossible: withServers,
    async begin({ world }) {
      await world.shared!.proxy.cut();
      return { target: 'all connections', end: async () => {} };
    },
  },
  {
    name: 'connections killed by the server',
    hits: 'database',
    lasts: [100, 500],
    impossible: mariaDbOnly,
    begin: (scene) =>
      withConnection(scene, async (admin) => {
        const [rows] = await admin.query(
          'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
        );
        for (const { id } of rows as { id: number }[]) await admin.query(`KILL ${id}`).catch(() => {});
        return { target: `${(rows as unknown[]).length} connections` };
      }),
  },
  {
    name: 'table locked',
    hits: 'database',
    lasts: [1_000, 5_000],
    impossible: mariaDbOnly,
    begin: (scene, draw) =>
      withConnection(scene, async (admin) => {
        const table = chosen(TABLES, draw);
        await admin.query(`LOCK TABLES ${table} WRITE`);
        return { target: table };
      }),
  },
  {
    name: 'rows held by a transaction',
    hits: 'database',
    lasts: [1_000, 5_000],
    impossible: withServers,
    begin: (scene) =>
      withConnection(scene, async (admin) => {
        await admin.beginTransaction();
        await admin.query('SELECT msg_id FROM delivery WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 200 FOR UPDATE');
        return { target: '200 open deliveries' };
      }),
  },
  {
    name: 'database read-only',
    hits: 'database',
    lasts: [2_000, 7_000],
    impossible: mariaDbOnly,
    begin: (scene) =>
      withConnection(scene, async (admin) => {
        await admin.query('SET GLOBAL read_only = 1');
        return { target: 'read_only = 1', undo: () => admin.query('SET GLOBAL read_only = 0') };
      }),
  },
  {
    name: 'disk full',
    hits: 'database',
    lasts: [6_000, 12_000],
    impossible: (world) =>
      !world.servers.disk ? 'no file system can be mounted here' : world.topology.embedded ? null : ownDatabaseProcess(world),
    async begin({ world }) {
      const disk = world.servers.disk!;
      disk.fill();
      return {
        target: 'the disk of the database',
        async end() {
          disk.empty();
          const { database } = world.servers;
          if (!database || !world.shared || (await writes(world))) return;
          // MariaDB ends, or hangs in its own report of that, when it can't write its log. Whoever runs it starts it again.
          await database.kill();
          await database.restart();
        },
      };
    },
  },
  {
    name: 'SQLite file locked',
    hits: 'database',
    lasts: [500, 3_000],
    freezes: true,
    impossible: embeddedOnly,
    async begin({ world }, draw) {
      const site = chosen(world.sites, draw);
      const other = new Sqlite(join(site.env['DATA_DIR']!, 'posthorn.sqlite'), { timeout: 5_000 });
      other.exec('BEGIN IMMEDIATE');
      return { target: site.name, end: async () => void other.close() };
    },
  },
];

/** Whether the server writes to its disk within some seconds. */
async function writes({ shared }: World): Promise<boolean> {
  try {
    const connection = await shared!.connect();
    try {
      for (const sql of ['CREATE OR REPLACE TABLE fault_suite_disk (n INT)', 'DROP TABLE fault_suite_disk'])
        await connection.query({ sql, timeout: WRITES_WITHIN_MS });
    } finally {
      connection.destroy();
    }
    return true;
  } catch {
    return false;
  }
}

/** Does something over a connection of the administrator, which is closed at the end; that alone ends locks and transactions. */
async function withConnection(
  { world }: Scene,
  work: (admin: mysql.Connection) => Promise<{ target: string; undo?: () => Promise<unknown> }>,
): Promise<{ target: string; end(): Promise<void> }> {
  const admin = await world.shared!.connect();
  try {
    const { target, undo } = await work(admin);
    return {
      target,
      async end() {
        try {
          await undo?.();
        } finally {
          admin.destroy();
        }
      },
    };
  } catch (error) {
    admin.destroy();
    throw error;
  }
}
