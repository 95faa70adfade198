import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { localSecrets } from '../../src/config/local-secrets.js';
import { createDataSource } from '../../src/database/data-source.js';
import { migrate } from '../../src/database/migrate.js';
import { createLog } from '../../src/observability/log.js';

const PAGE = resolve(import.meta.dirname, '../../docs/data-lifetime.md');

it('is told of every table: what removes its rows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-test-'));
  const dataSource = await createDataSource(loadConfig({ DATA_DIR: folder }, localSecrets)).initialize();
  try {
    await migrate(dataSource, createLog('silent'));
    const tables: { name: string }[] = await dataSource.query(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    // The list is the first part of the page. A later one is of what remains after an erasure.
    const [list] = readFileSync(PAGE, 'utf8').split('\n## ', 1);
    const told = [...list!.matchAll(/^\| `([a-z_]+)` *\| (.+) \|$/gm)].map(([, name]) => name);

    expect(told.toSorted()).toEqual(tables.map(({ name }) => name).toSorted());
  } finally {
    await dataSource.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
});
