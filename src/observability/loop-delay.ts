import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Metrics } from './metrics.js';

const RESOLUTION_MS = 10;
const WINDOW_MS = 2_000;

/** Measures the delay of the event loop: the 99th percentile of the last two seconds, in ms. */
@Injectable()
export class LoopDelay implements OnApplicationShutdown {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly timer: NodeJS.Timeout;
  p99Ms = 0;

  constructor(metrics: Metrics) {
    metrics.gauge(
      'event_loop_delay_p99_seconds',
      'Delay of the event loop, 99th percentile of two seconds',
      () => this.p99Ms / 1000,
    );
    this.histogram.enable();
    this.timer = setInterval(() => this.read(), WINDOW_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.histogram.disable();
  }

  private read(): void {
    this.p99Ms = Math.max(0, this.histogram.percentile(99) / 1e6 - RESOLUTION_MS);
    this.histogram.reset();
  }
}
