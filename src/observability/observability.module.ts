import { Global, Module } from '@nestjs/common';
import { APP_CONFIG } from '../config/config.js';
import { EmfReporter } from './emf-reporter.js';
import { Log } from './log.js';
import { LoopDelay } from './loop-delay.js';
import { MetricsServer } from './metrics-server.js';
import { Signals } from './metrics-signals.js';
import { Metrics } from './metrics.js';
import { createTracer } from './tracing-provider.js';
import { Tracer } from './tracing.js';

/** Metrics and traces. Needs APP_CONFIG and Log to be provided globally. */
@Global()
@Module({
  providers: [
    Metrics,
    Signals,
    LoopDelay,
    MetricsServer,
    EmfReporter,
    { provide: Tracer, inject: [APP_CONFIG, Log], useFactory: createTracer },
  ],
  exports: [Metrics, Signals, LoopDelay, Tracer],
})
export class ObservabilityModule {}
