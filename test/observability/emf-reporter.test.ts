import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { EmfReporter } from '../../src/observability/emf-reporter.js';
import { createLog } from '../../src/observability/log.js';
import { Metrics } from '../../src/observability/metrics.js';
import { Timing } from '../../src/observability/metrics-timing.js';

const secrets = () => ({ jwtSecret: 'any', encryptionKey: Buffer.alloc(32).toString('base64') });
const REAL_QUEUE = { SQS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/posthorn' };

describe('the metrics in the log', () => {
  const lines: Record<string, any>[] = [];
  let metrics: Metrics;
  let reporter: EmfReporter;
  let accepted = 0;
  let waiting: number | null = 0;
  const timing = new Timing();

  const start = (env: Record<string, string>) => {
    const config = loadConfig(env, secrets);
    const log = createLog(config.log.level, { write: (line) => lines.push(JSON.parse(line)) });
    metrics = new Metrics();
    metrics.counters('messages_total', 'of a test', 'outcome', () => ({ accepted }));
    metrics.gauge('queue_waiting', 'of a test', () => waiting);
    metrics.durations('delivery_latency_seconds', 'of a test', [1], timing);
    reporter = new EmfReporter(config, metrics, log);
    reporter.onApplicationBootstrap();
  };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['performance', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate'] });
    lines.length = 0;
    accepted = 0;
    waiting = 0;
  });
  afterEach(() => {
    reporter.onApplicationShutdown();
    jest.useRealTimers();
  });

  it('are one line a minute: what counters rose by, gauges at six moments, percentiles', () => {
    start(REAL_QUEUE);
    accepted = 5;
    for (let n = 0; n < 6; n++) {
      waiting = n;
      timing.observe(100);
      jest.advanceTimersByTime(10_000);
    }

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ messagesAccepted: 5, queueWaiting: [0, 1, 2, 3, 4, 5] });
    expect(lines[0]!['deliveryLatencyP50Seconds']).toBeCloseTo(0.1, 2);
  });

  it('of the next minute begin anew', () => {
    start(REAL_QUEUE);
    accepted = 5;
    timing.observe(100);
    jest.advanceTimersByTime(60_000);
    accepted = 7;
    jest.advanceTimersByTime(60_000);

    expect(lines.map(({ messagesAccepted }) => messagesAccepted)).toEqual([5, 2]);
    expect(lines[1]).not.toHaveProperty('deliveryLatencyP50Seconds');
  });

  it('leave out what is not known', () => {
    start(REAL_QUEUE);
    waiting = null;
    jest.advanceTimersByTime(60_000);

    expect(lines[0]).not.toHaveProperty('queueWaiting');
  });

  it('are written at the stop for the time since the last line', () => {
    start(REAL_QUEUE);
    accepted = 1;
    jest.advanceTimersByTime(15_000);
    reporter.onApplicationShutdown();

    expect(lines).toMatchObject([{ messagesAccepted: 1 }]);
  });

  it('are not written where the log is silent', () => {
    start({ ...REAL_QUEUE, LOG_LEVEL: 'silent' });
    jest.advanceTimersByTime(120_000);
    reporter.onApplicationShutdown();

    expect(lines).toEqual([]);
  });
});
