import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { localSecrets } from '../../src/config/local-secrets.js';
import { tightenFolder } from '../../src/config/private-folder.js';
import { createDataSource } from '../../src/database/data-source.js';
import { holdDataFolder } from '../../src/database/data-folder.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the garbage collector, as it happens in every process. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((next) => setImmediate(next));
  }
}

it('is locked until it is released, even if the caller does not keep the result', async () => {
  holdDataFolder(folder, 0);
  await collectGarbage();

  expect(() => holdDataFolder(folder, 0)).toThrow('is in use by another Posthorn process');
});

it('can be locked again after it was released', () => {
  holdDataFolder(folder, 0).release();

  expect(() => holdDataFolder(folder, 0).release()).not.toThrow();
});

it('that can not be written says so, and what to do', () => {
  const file = join(folder, 'a file');
  writeFileSync(file, '');
  mkdirSync(join(folder, 'lock.sqlite'));

  expect(() => holdDataFolder(join(file, 'below'), 0)).toThrow("can't be written (ENOTDIR). Set DATA_DIR to a folder");
  expect(() => holdDataFolder(folder, 0)).toThrow("lock.sqlite can't be written (EISDIR). Set DATA_DIR to a folder");
});

describe('the permissions of the data folder', () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);
  /** A folder that the service makes and fills, with the umask that hides nothing from others. */
  const filled = async (umask: number) => {
    const before = process.umask(umask);
    const dataDir = join(folder, 'of', 'the', 'service');
    const dataSource = createDataSource(loadConfig({ DATA_DIR: dataDir }, localSecrets));
    const lock = holdDataFolder(dataDir, 0);
    try {
      await dataSource.initialize();
      await dataSource.query('CREATE TABLE some (thing TEXT)');
      const modes = Object.fromEntries(readdirSync(dataDir).map((name) => [name, modeOf(join(dataDir, name))]));
      return { folder: modeOf(dataDir), modes };
    } finally {
      process.umask(before);
      lock.release();
      await dataSource.destroy();
    }
  };

  it.each([0o000, 0o022, 0o077])("are the owner's alone, with the umask %o", async (umask) => {
    expect(await filled(umask)).toEqual({
      folder: '700',
      modes: {
        'lock.sqlite': '600',
        'lock.sqlite-journal': '600',
        'posthorn.sqlite': '600',
        'posthorn.sqlite-shm': '600',
        'posthorn.sqlite-wal': '600',
        'secrets.json': '600',
      },
    });
  });

  it("are taken away from others where they have them, of the service's own files only", () => {
    const dataDir = join(folder, 'wide');
    mkdirSync(dataDir);
    for (const name of ['posthorn.sqlite', 'posthorn.sqlite-wal', 'secrets.json', 'of-somebody.txt']) {
      writeFileSync(join(dataDir, name), '');
      chmodSync(join(dataDir, name), 0o644);
    }
    chmodSync(dataDir, 0o755);

    const tightened = tightenFolder(dataDir);

    expect(tightened).toContainEqual({ path: dataDir, was: '755', failed: null });
    expect(tightened).toHaveLength(4);
    expect([modeOf(dataDir), modeOf(join(dataDir, 'secrets.json'))]).toEqual(['700', '600']);
    expect(modeOf(join(dataDir, 'of-somebody.txt'))).toBe('644');
    expect(tightenFolder(dataDir)).toEqual([]);
  });

  it('stay in a folder that several users share', () => {
    chmodSync(folder, 0o1777);

    expect(tightenFolder(folder)).toEqual([{ path: folder, was: '1777', failed: 'it is a folder that several users share' }]);
    expect(modeOf(folder)).toBe('1777');
  });
});
