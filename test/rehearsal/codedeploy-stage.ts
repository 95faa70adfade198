import { Deployments } from '../../rehearsal/codedeploy/deployment.js';
import type { Assumptions } from '../../rehearsal/codedeploy/parts.js';
import type {
  Alarms,
  Clock,
  DeploymentSettings,
  Entry,
  Functions,
  Journal,
  Listener,
  Registry,
  Service,
  TargetGroupSettings,
  TargetHealth,
  TaskDefinition,
  TaskSetView,
  TaskView,
  Weights,
} from '../../rehearsal/model.js';

export const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
export const BLUE = `${ARN}:targetgroup/posthorn-blue/6d0ecf831eec9f09`;
export const GREEN = `${ARN}:targetgroup/posthorn-green/6d0ecf831eec9f09`;

export const definitionOf = (revision: number): TaskDefinition => ({
  arn: `arn:aws:ecs:eu-west-1:123456789012:task-definition/posthorn:${revision}`,
  family: 'posthorn',
  image: `posthorn:${revision}`,
  environment: {},
  secrets: {},
  containerName: 'app',
  port: 3000,
  command: null,
  healthCheck: null,
  stopTimeoutMs: 30_000,
});

/** Minutes of AWS in so many real ms; a second inside of a phase is one ms. */
export function clockOf(minuteMs: number): Clock {
  const began = performance.now();
  return {
    now: () => performance.now() - began,
    minutes: (awsMs) => (awsMs * minuteMs) / 60_000,
    seconds: (awsMs) => awsMs / 1_000,
  };
}

export class FakeJournal implements Journal {
  readonly entries: Omit<Entry, 'at'>[] = [];

  note(source: Entry['source'], subject: string, event: string, facts: Record<string, unknown> = {}): void {
    this.entries.push({ source, subject, event, facts });
  }

  factsOf(event: string): Record<string, unknown>[] {
    return this.entries.filter((entry) => entry.event === event).map(({ facts }) => facts);
  }
}

export class FakeGroup implements Registry {
  readonly settings: TargetGroupSettings;
  targets: TargetHealth[] = [];

  constructor(name: string, arn: string) {
    const times = { intervalMs: 10_000, timeoutMs: 5_000, deregistrationDelayMs: 30_000 };
    const thresholds = { healthyThreshold: 2, unhealthyThreshold: 3 };
    this.settings = { name, arn, healthPath: '/health/ready', matcher: '200', algorithm: 'round_robin', ...times, ...thresholds };
  }

  register(): void {}

  async deregister(): Promise<void> {}

  health(): TargetHealth[] {
    return this.targets;
  }
}

export class FakeListener implements Listener {
  readonly arn: string;
  readonly port: number;
  weights: Weights;
  readonly shifts: Record<string, number>[] = [];

  constructor(port: number, weights: Weights) {
    this.arn = `${ARN}:listener/app/posthorn/50dc6c495c0c9188/000000000000${port}`;
    this.port = port;
    this.weights = weights;
  }

  shift(weights: Weights): void {
    this.weights = new Map(weights);
    this.shifts.push({ blue: weights.get(BLUE) ?? 0, green: weights.get(GREEN) ?? 0 });
  }
}

/** A service with one task set in blue. A new one is steady at once, unless `steady` is false. */
export class FakeService implements Service {
  readonly cluster = 'posthorn';
  readonly name = 'posthorn';
  steady = true;
  sets: TaskSetView[] = [taskSet(1, definitionOf(1), BLUE, { status: 'PRIMARY' })];
  stopped: TaskView[] = [];
  running: TaskView[] = [];
  /** What a task set waits for on its way out. */
  drained: Promise<void> = Promise.resolve();
  private made = 1;

  taskSets(): TaskSetView[] {
    return this.sets.map((set) => ({ ...set }));
  }

  tasks(desired: 'RUNNING' | 'STOPPED'): TaskView[] {
    return desired === 'RUNNING' ? this.running : this.stopped;
  }

  createTaskSet(definition: TaskDefinition, group: Registry): string {
    const set = taskSet(++this.made, definition, group.settings.arn, { stability: this.steady ? 'STEADY_STATE' : 'STABILIZING' });
    this.sets.push(set);
    return set.id;
  }

  makePrimary(id: string): void {
    for (const set of this.sets) if (set.status !== 'DRAINING') set.status = set.id === id ? 'PRIMARY' : 'ACTIVE';
  }

  async deleteTaskSet(id: string): Promise<void> {
    this.sets.find((set) => set.id === id)!.status = 'DRAINING';
    await this.drained;
    this.sets = this.sets.filter((set) => set.id !== id);
  }

  scale(): void {}
}

export function taskSet(
  nth: number,
  { arn }: TaskDefinition,
  targetGroupArn: string,
  more: Partial<TaskSetView> = {},
): TaskSetView {
  const counts = { desired: 2, running: 2, pending: 0, stability: 'STEADY_STATE' as const };
  const id = `ecs-svc/${nth}`;
  return { id, arn: `arn:task-set/${id}`, status: 'ACTIVE', taskDefinition: arn, targetGroupArn, ...counts, ...more };
}

type HookEvent = { DeploymentId: string; LifecycleEventHookExecutionId: string };

/** Functions tell `Succeeded` unless they are given another way. */
export class FakeFunctions implements Functions {
  readonly invoked: { name: string; event: HookEvent }[] = [];
  ways: Record<string, (event: HookEvent) => Promise<{ failed: string | null }>> = {};
  deployments!: Deployments;

  async invoke(name: string, event: object): Promise<{ failed: string | null }> {
    this.invoked.push({ name, event: event as HookEvent });
    const way = this.ways[name] ?? ((given) => this.tell('Succeeded', given));
    return await way(event as HookEvent);
  }

  async tell(status: string, { DeploymentId, LifecycleEventHookExecutionId }: HookEvent): Promise<{ failed: string | null }> {
    this.deployments.putHookStatus(DeploymentId, LifecycleEventHookExecutionId, status);
    return { failed: null };
  }
}

export class FakeAlarms implements Alarms {
  active = new Set<string>();
  unreadable = false;

  states(names: readonly string[]): { name: string; state: 'OK' | 'ALARM' }[] {
    if (this.unreadable) throw new Error('no answer');
    return names.map((name) => ({ name, state: this.active.has(name) ? 'ALARM' : 'OK' }));
  }
}

export const SETTINGS: DeploymentSettings = {
  application: 'posthorn',
  group: 'posthorn',
  shift: { kind: 'canary', percent: 10, waitMs: 300_000 },
  terminationWaitMs: 900_000,
  readyWaitMs: null,
  rollbackOn: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
  alarms: ['posthorn-release-blue-5xx', 'posthorn-release-green-5xx'],
  ignorePollAlarmFailure: false,
  hooks: {},
};

/** A deployment group between fakes. */
export function stageOf(settings: Partial<DeploymentSettings> = {}, minuteMs = 3, assumptions: Partial<Assumptions> = {}) {
  const blueOnly = new Map([[BLUE, 1]]);
  const parts = {
    settings: { ...SETTINGS, ...settings },
    service: new FakeService(),
    groups: [new FakeGroup('blue', BLUE), new FakeGroup('green', GREEN)] as const,
    production: new FakeListener(80, blueOnly),
    test: new FakeListener(8080, blueOnly),
    functions: new FakeFunctions(),
    alarms: new FakeAlarms(),
    clock: clockOf(minuteMs),
    journal: new FakeJournal(),
  };
  const deployments = new Deployments({ ...parts, assumptions });
  parts.functions.deployments = deployments;
  return { ...parts, deployments };
}
