import { expect, it } from '@jest/globals';
import type { EngineStore } from '../../src/database/engine/engine-store.js';
import type { Dispatcher } from '../../src/delivery/dispatcher.js';
import type { EndpointSpeed } from '../../src/delivery/endpoint-speed.js';
import type { Permits } from '../../src/delivery/permits.js';
import type { Quarantine } from '../../src/delivery/quarantine.js';
import { Scanner } from '../../src/delivery/scanner.js';
import { createLog } from '../../src/observability/log.js';
import type { ReleaseGate } from '../../src/release/release-gate.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;

/** A scanner that may scan for this part of the time, and finds nothing; counts its scans. */
function aScanner(pace: number) {
  const counted = { scans: 0 };
  const store = { due: () => Promise.resolve((counted.scans++, [])) } as unknown as EngineStore;
  const dispatcher = { dispatch: () => Promise.resolve(true) } as unknown as Dispatcher;
  const permits = { waitFor: () => Promise.resolve() } as unknown as Permits;
  const quarantine = { sort: (found: unknown[]) => Promise.resolve(found) } as unknown as Quarantine;
  const gate = { share: pace, pace } as ReleaseGate;
  const scanner = new Scanner(store, dispatcher, permits, createLog('silent'), gate, quarantine, {} as EndpointSpeed);
  scanner.start({ failed: () => undefined, succeeded: () => undefined });
  return { counted, stop: () => scanner.stop() };
}

it('a scanner of a process with a part of the time scans in that part of its turns', async () => {
  const [blue, green] = [aScanner(0.75), aScanner(0.25)];
  await until(() => blue.counted.scans >= 9, WAIT_MS, "nine of blue's scans");
  const { scans } = green.counted;
  await Promise.all([blue.stop(), green.stop()]);
  expect(scans).toBeGreaterThanOrEqual(1);
  expect(scans).toBeLessThanOrEqual(5);
});
