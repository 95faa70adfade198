import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Signals } from '../observability/metrics-signals.js';
import { Drain } from '../release/drain.js';
import { ReleaseGate } from '../release/release-gate.js';

/** Health indicators of the process itself. */
@Injectable()
export class ProcessIndicators {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly drain: Drain,
    private readonly gate: ReleaseGate,
    private readonly signals: Signals,
  ) {}

  draining(): HealthIndicatorResult {
    const session = this.indicators.check('process');
    return this.drain.isDraining ? session.down({ reason: 'draining' }) : session.up();
  }

  /** How much work there is, for autoscaling. Never down. */
  load(): HealthIndicatorResult {
    return this.indicators.check('load').up({ ...this.signals.now });
  }

  /** None if there is no load balancer to ask. */
  release(): (() => HealthIndicatorResult)[] {
    const { state, share } = this.gate;
    if (state === 'open') return [];
    const session = this.indicators.check('release');
    if (state === 'waiting') return [() => session.down({ reason: 'the load balancer has not answered yet' })];
    if (state === 'answered') return [() => session.up({ share })];
    return [() => session.degraded({ share, reason: 'the load balancer does not answer' })];
  }
}
