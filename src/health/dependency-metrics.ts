import { Injectable } from '@nestjs/common';
import { SharedCache } from '../cache/shared-cache.js';
import { EngineStore } from '../database/engine/engine-store.js';
import { Metrics } from '../observability/metrics.js';
import { ReleaseGate } from '../release/release-gate.js';
import { Dependencies } from './dependencies.js';

/** What is known of the things around this process, as metrics; from the last probes, so that reading costs nothing. */
@Injectable()
export class DependencyMetrics {
  constructor(metrics: Metrics, dependencies: Dependencies, cache: SharedCache, store: EngineStore, gate: ReleaseGate) {
    const queue = (fact: string) => () => dependencies.state('queue').facts[fact] ?? null;
    metrics.gauges('dependency_up', 'Whether the last probe went well, 1 or 0', 'dependency', () =>
      Object.fromEntries(dependencies.names.map((name) => [name, dependencies.state(name).up ? 1 : 0])),
    );
    metrics.gauge('queue_waiting', 'Tasks in the queue that wait to be received, about', queue('waiting'));
    metrics.gauge('queue_in_flight', 'Tasks that were received and not deleted, about', queue('inFlight'));
    metrics.counter('requests_unprotected_total', 'Requests whose idempotency key could not be checked', () => cache.unprotected);
    metrics.gauge('database_connections', 'Connections that the engine may have', () => store.connections?.most ?? null);
    metrics.gauge('database_connections_in_use', 'Connections that the engine is using', () => store.connections?.inUse ?? null);
    metrics.gauge('release_share', 'Share of the work that this process may fetch, 0 to 1', () => gate.share);
  }
}
