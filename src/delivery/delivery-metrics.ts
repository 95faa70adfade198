import { Injectable } from '@nestjs/common';
import { Metrics } from '../observability/metrics.js';
import { DeliveryReporter } from './delivery-reporter.js';
import { EndpointSpeed } from './endpoint-speed.js';
import { Permits } from './permits.js';
import { Scanner } from './scanner.js';
import { Settler } from './settler.js';

const LATENCY_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 600, 3600];
const RESPONSE_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30];

/** The metrics of deliveries. */
@Injectable()
export class DeliveryMetrics {
  constructor(
    metrics: Metrics,
    settler: Settler,
    permits: Permits,
    speeds: EndpointSpeed,
    scanner: Scanner,
    reporter: DeliveryReporter,
  ) {
    metrics.counters('deliveries_total', 'Outcomes of deliveries', 'outcome', () => settler.outcomes);
    metrics.counter(
      'fences_lost_total',
      'Outcomes that came after another process had claimed the delivery',
      () => settler.lostFences,
    );
    metrics.gauge('permits', 'Deliveries that this process may have under way', () => permits.all);
    metrics.gauge('permits_in_use', 'Deliveries that this process has under way', () => permits.inUse);
    metrics.gauge('permits_slow', 'Deliveries under way to endpoints that count as slow', () => permits.inUseOf('slow'));
    metrics.gauge('permits_unknown', 'Deliveries under way to endpoints of unknown speed', () => permits.inUseOf('unknown'));
    metrics.gauge('endpoints_slow', 'Endpoints that count as slow in this process', () => speeds.slow);
    metrics.gauge('due_lag_seconds', 'How late the oldest due delivery of the last scan is', () => scanner.lagMs / 1000);
    metrics.gauge('due_lag_prompt_seconds', 'The same without slow endpoints', () => scanner.promptLagMs / 1000);
    metrics.gauge('due_waiting', 'Due deliveries that the last scan found; 200 is its limit', () => scanner.found);
    const { latency, responseTime } = reporter;
    metrics.durations(
      'delivery_latency_seconds',
      'From the message to its successful delivery, retries included',
      LATENCY_BUCKETS,
      latency,
    );
    metrics.durations('endpoint_response_seconds', "Endpoints' time to answer", RESPONSE_BUCKETS, responseTime);
  }
}
