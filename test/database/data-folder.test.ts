import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
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
