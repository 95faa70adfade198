import { Injectable } from '@nestjs/common';
import { Metrics } from '../observability/metrics.js';
import { TaskProducer } from '../queue/task-producer.js';
import { Admission } from './admission.js';
import { GroupCommit } from './group-commit.js';
import { Ingest } from './ingest.js';

/** The metrics of the ingest. */
@Injectable()
export class IngestMetrics {
  constructor(metrics: Metrics, ingest: Ingest, groups: GroupCommit, producer: TaskProducer, admission: Admission) {
    metrics.counters('messages_total', 'Messages that were offered to the engine', 'outcome', () => ingest.outcomes);
    metrics.counters('deliveries_written_total', 'Deliveries committed with their messages', 'way', () => groups.written);
    metrics.counters('requests_shed_total', 'Requests refused because of overload', 'reason', () => admission.shed);
    metrics.gauge('ingest_in_flight', 'Messages that are being accepted', () => admission.inFlight);
    metrics.gauge('ingest_wait_seconds', 'How long a message that comes now would wait', () => admission.waitMs / 1000);
    metrics.counter('tasks_lost_total', 'Tasks that did not reach the queue', () => producer.lostTasks);
  }
}
