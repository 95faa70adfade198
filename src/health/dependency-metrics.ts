import { Injectable } from '@nestjs/common';
import { SharedCache } from '../cache/shared-cache.js';
import { EngineStore } from '../database/engine/engine-store.js';
import { Metrics } from '../observability/metrics.js';
import { ReleaseGate } from '../release/release-gate.js';
import { Dependencies } from './dependencies.js';

/** Metrics of the dependencies of this process. They come from the last probes, so that reading them costs nothing. */
@Injectable()
export class DependencyMetrics {
  constructor(metrics: Metrics, dependencies: Dependencies, cache: SharedCache, store: EngineStore, gate: ReleaseGate) {
    const queue = (fact: string) => () => dependencies.state('queue').facts[fact] ?? null;
    metrics.gauges('dependency_up', '1 if the last probe of the dependency succeeded, else 0', 'dependency', () =>
      Object.fromEntries(dependencies.names.map((name) => [name, dependencies.state(name).up ? 1 : 0])),
    );
    metrics.gauge('queue_waiting', 'Tasks in the queue that wait to be received, approximately', queue('waiting'));
    metrics.gauge('queue_in_flight', 'Tasks that were received and are not deleted yet, approximately', queue('inFlight'));
    metrics.counter('requests_unprotected_total', 'Requests whose idempotency key could not be checked', () => cache.unprotected);
    metrics.gauge('database_connections', "Maximum of the engine's database connections", () => store.connections?.max ?? null);
    metrics.gauge(
      'database_connections_in_use',
      'Database connections that the engine is using',
      () => store.connections?.inUse ?? null,
    );
    metrics.gauge('release_share', 'Share of the work that this process may fetch, 0 to 1', () => gate.share);
  }
}
