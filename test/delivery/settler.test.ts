import { expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { EngineStore } from '../../src/database/engine/engine-store.js';
import { WriteState } from '../../src/database/write-state.js';
import { Settler } from '../../src/delivery/settler.js';
import { newId } from '../../src/domain/ids.js';
import { createLog } from '../../src/observability/log.js';
import { DELIVERED, settlement } from '../faults/engine-fixture.js';

const REF = { appId: newId('app_'), msgId: newId('msg_'), endpointId: newId('ep_'), run: 0, fence: 1 };
const REFUSED = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
const LOST = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', fatal: true });

/** Settles a delivery whose lease is over, on a database that fails once with each of these errors. Answers how often it was written. */
async function writtenAfter(errors: readonly Error[], stopping = false): Promise<number> {
  let written = 0;
  const left = [...errors];
  const settle = async () => {
    const error = left.shift();
    if (error) throw error;
    written++;
    return 0;
  };
  const log = createLog('silent', { write: () => undefined });
  const config = loadConfig({}, () => ({ jwtSecret: 'any', encryptionKey: Buffer.alloc(32).toString('base64') }));
  const settler = new Settler(config, { settle } as unknown as EngineStore, log, new WriteState(log));
  if (stopping) settler.stopWaiting();
  await settler.settle(settlement(REF, DELIVERED), performance.now() - 1);
  return written;
}

it('writes an outcome after its lease if the database was away, so that the attempt is listed', async () => {
  expect(await writtenAfter([REFUSED, REFUSED])).toBe(1);
});

it('gives an outcome up after its lease if the answer was lost: the same may happen again each time', async () => {
  expect(await writtenAfter([LOST])).toBe(0);
});

it('gives an outcome up after its lease if the process stops', async () => {
  expect(await writtenAfter([REFUSED], true)).toBe(0);
});
