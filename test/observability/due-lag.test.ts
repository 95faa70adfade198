import { describe, expect, it } from '@jest/globals';
import type { DueRow, EngineStore } from '../../src/database/engine/engine-store.js';
import type { Dispatcher } from '../../src/delivery/dispatcher.js';
import type { EndpointSpeed } from '../../src/delivery/endpoint-speed.js';
import type { Permits } from '../../src/delivery/permits.js';
import type { Quarantine } from '../../src/delivery/quarantine.js';
import { Scanner } from '../../src/delivery/scanner.js';
import { createLog } from '../../src/observability/log.js';
import type { ReleaseGate } from '../../src/release/release-gate.js';
import { until } from '../support/until.js';

const WAIT_MS = 5_000;
const aRow = (lateMs: number, endpointId = 'ep_1') => ({
  appId: 'app_1',
  msgId: 'msg_1',
  endpointId,
  run: 0,
  fence: 1,
  attempts: 0,
  paced: false,
  lateMs,
});

/** A scanner that finds these rows at each scan, and whose dispatcher takes them when the test says so. */
function aScanner(rows: DueRow[]) {
  const taken = Promise.withResolvers<boolean>();
  const gate = { share: 1, pace: 1 };
  let scans = 0;
  const store = { due: () => Promise.resolve((scans++, rows)) } as unknown as EngineStore;
  const dispatcher = { dispatch: () => taken.promise } as unknown as Dispatcher;
  const permits = { waitFor: () => Promise.resolve() } as unknown as Permits;
  const quarantine = { sort: (found: DueRow[]) => Promise.resolve(found) } as unknown as Quarantine;
  const speeds = { of: (endpointId: string) => (endpointId === 'ep_slow' ? 'slow' : 'fast') } as EndpointSpeed;
  const scanner = new Scanner(store, dispatcher, permits, createLog('silent'), gate as ReleaseGate, quarantine, speeds);
  scanner.start({ failed: () => undefined, succeeded: () => undefined });
  const stop = () => {
    const stopped = scanner.stop();
    taken.resolve(true);
    return stopped;
  };
  return { scanner, gate, stop, taken, scanned: () => until(() => scans > 0, WAIT_MS, 'a scan') };
}

describe('the lag of due deliveries', () => {
  it('is how late the oldest is that a scan found', async () => {
    const { scanner, stop, scanned } = aScanner([aRow(90_000), aRow(1_000)]);
    await scanned();

    expect(scanner.found).toBe(2);
    expect(scanner.lagMs).toBeGreaterThanOrEqual(90_000);
    expect(scanner.lagMs).toBeLessThan(120_000);
    await stop();
  });

  it('to endpoints that are not slow is how late the oldest of those is', async () => {
    const { scanner, stop, scanned } = aScanner([aRow(90_000, 'ep_slow'), aRow(10_000), aRow(1_000)]);
    await scanned();

    expect(scanner.promptLagMs).toBeGreaterThanOrEqual(10_000);
    expect(scanner.promptLagMs).toBeLessThan(40_000);
    await stop();
  });

  it('to endpoints that are not slow is nothing while only slow ones have something due', async () => {
    const { scanner, stop, scanned } = aScanner([aRow(90_000, 'ep_slow')]);
    await scanned();

    expect(scanner.promptLagMs).toBe(0);
    await stop();
  });

  it('grows while they have to wait for permits', async () => {
    const { scanner, stop, scanned } = aScanner([aRow(1_000)]);
    await scanned();
    const before = scanner.lagMs;

    expect(await until(() => scanner.lagMs > before, WAIT_MS, 'the lag to grow')).toBe(true);
    await stop();
  });

  it('is nothing where nothing is due', async () => {
    const { scanner, stop, scanned } = aScanner([]);
    await scanned();

    expect([scanner.found, scanner.lagMs]).toEqual([0, 0]);
    await stop();
  });

  it('is nothing to a process that may not fetch, or stops', async () => {
    const { scanner, gate, stop, scanned } = aScanner([aRow(90_000)]);
    await scanned();
    gate.share = 0;
    expect([scanner.found, scanner.lagMs]).toEqual([0, 0]);

    gate.share = 1;
    expect(scanner.found).toBe(1);
    await stop();
    expect([scanner.found, scanner.lagMs]).toEqual([0, 0]);
  });
});
