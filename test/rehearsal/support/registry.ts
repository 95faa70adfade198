import type { Registry, Target, TargetGroupSettings, TargetHealth, TargetState } from '../../../rehearsal/model.js';

/** A target group whose states a test decides. */
export class TestRegistry implements Registry {
  readonly settings: TargetGroupSettings;
  /** What becomes of a target that is registered. */
  newState: TargetState = 'healthy';
  /** What a deregistration waits for. */
  drained: Promise<void> = Promise.resolve();
  /** Calls, in order. */
  readonly calls: string[] = [];
  private readonly targets = new Map<string, TargetHealth>();

  constructor(name = 'blue') {
    this.settings = {
      name,
      arn: `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${name}/6d0ecf831eec9f09`,
      healthPath: '/health',
      intervalMs: 10_000,
      timeoutMs: 5_000,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
      matcher: '200',
      deregistrationDelayMs: 30_000,
      algorithm: 'round_robin',
    };
  }

  register(target: Target): void {
    this.calls.push(`register ${target.id}`);
    this.targets.set(target.id, { target, state: this.newState, reason: null });
  }

  async deregister(target: Target): Promise<void> {
    this.calls.push(`deregister ${target.id}`);
    this.set(target.id, 'draining');
    await this.drained;
    this.targets.delete(target.id);
  }

  health(): TargetHealth[] {
    return [...this.targets.values()];
  }

  set(id: string, state: TargetState): void {
    const known = this.targets.get(id);
    if (known) this.targets.set(id, { ...known, state });
  }
}
