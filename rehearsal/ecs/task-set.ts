import type { Registry, TargetHealth, TaskDefinition, TaskSetView } from '../model.js';
import { ecsArn, type Platform } from './platform.js';
import { nextStep, standingOf, zoneFor, type Candidate } from './scheduler.js';
import type { StopCause } from './stop-cause.js';
import { Task } from './task.js';
import type { TaskLine } from './task-description.js';
import { Throttle, type ThrottleSettings } from './throttle.js';

/** More than the model's view has. */
export interface TaskSetDescription extends TaskSetView {
  createdAt: Date;
  updatedAt: Date;
}

export interface TaskSetOrder {
  /** `ecs-svc/…` */
  id: string;
  definition: TaskDefinition;
  group: Registry;
  status: TaskSetView['status'];
}

export interface Scheduling {
  /** ms on AWS. */
  gracePeriodMs: number;
  /** Share of the desired count, in percent, up to which replacements are started. */
  maximumPercent: number;
  throttle: ThrottleSettings;
}

/** What a task set asks of its service. */
export interface Surroundings {
  nextAddress(): string;
  /** The zones that are there now. */
  zones(): readonly string[];
  /** All tasks of the service that are not stopping. */
  tasks(): readonly { zone: string }[];
  /** Called with each task that was started. */
  started(task: Task): void;
  onLine(line: TaskLine): void;
}

/** The tasks of one version behind one target group, and the scheduler that keeps their number. */
export class TaskSet {
  readonly id: string;
  readonly order: TaskSetOrder;
  private readonly platform: Platform;
  private readonly scheduling: Scheduling;
  private readonly around: Surroundings;
  private readonly throttle: Throttle;
  private readonly createdAt = new Date();
  private updatedAt = this.createdAt;
  private tasks: Task[] = [];
  private currentStatus: TaskSetView['status'];
  private desired: number;
  private wasSteady = false;

  constructor(order: TaskSetOrder, desired: number, platform: Platform, scheduling: Scheduling, around: Surroundings) {
    this.id = order.id;
    this.order = order;
    this.desired = desired;
    this.currentStatus = order.status;
    this.platform = platform;
    this.scheduling = scheduling;
    this.around = around;
    this.throttle = new Throttle(scheduling.throttle, platform.clock);
  }

  get status(): TaskSetView['status'] {
    return this.currentStatus;
  }

  set status(status: TaskSetView['status']) {
    if (status === this.currentStatus) return;
    this.currentStatus = status;
    this.updatedAt = new Date();
    this.note(status);
  }

  /** The tasks that are not to stop. */
  get live(): readonly Task[] {
    return this.tasks.filter((task) => task.describe().desiredStatus === 'RUNNING');
  }

  describe(): TaskSetDescription {
    const { order, platform, live } = this;
    const statuses = this.tasks.map((task) => task.describe().lastStatus);
    const running = statuses.filter((status) => status === 'RUNNING').length;
    const pending = statuses.filter(
      (status) => status === 'PROVISIONING' || status === 'PENDING' || status === 'ACTIVATING',
    ).length;
    // A task that is about to stop is RUNNING for a moment more.
    const isComplete = running === this.desired && live.length === this.desired && pending === 0;
    const isSteady = isComplete && this.candidates(live).every(({ standing }) => standing === 'healthy');
    return {
      id: this.id,
      arn: ecsArn(platform, `task-set/${platform.cluster}/${platform.service}/${this.id}`),
      status: this.currentStatus,
      taskDefinition: order.definition.arn,
      targetGroupArn: order.group.settings.arn,
      desired: this.desired,
      running,
      pending,
      // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html
      stability: isSteady ? 'STEADY_STATE' : 'STABILIZING',
      createdAt: this.createdAt,
      updatedAt: this.updatedAt,
    };
  }

  scale(desired: number): void {
    this.desired = desired;
    this.updatedAt = new Date();
    this.reconcile();
  }

  /** Starts and stops what is to be started and stopped now. */
  reconcile(): void {
    const live = this.live;
    const candidates = this.candidates(live);
    const maximum = Math.floor((this.desired * this.scheduling.maximumPercent) / 100);
    const { start, stop } = nextStep(candidates, { desired: this.desired, maximum, taskSetId: this.id });
    for (const { arn, cause } of stop) void live.find((task) => task.arn === arn)?.stop(cause);
    if (!this.throttle.isHolding) for (let nth = 0; nth < start; nth++) this.startOne();
    this.noteSteadiness();
  }

  /** Stops all of its tasks, for good. Resolves when they are STOPPED. */
  async end(cause: StopCause): Promise<void> {
    this.status = 'DRAINING';
    this.desired = 0;
    await Promise.all(this.tasks.map((task) => task.stop(cause)));
  }

  private startOne(): void {
    const { around, order } = this;
    const zone = zoneFor(around.zones(), zonesOf(this.live), around.tasks());
    if (zone === null) return;
    const { definition, group } = order;
    const task = new Task({ definition, group, zone, address: around.nextAddress(), startedBy: this.id }, this.platform, (line) =>
      around.onLine(line),
    );
    this.tasks.push(task);
    around.started(task);
    void task.stopped.then(() => this.forget(task));
  }

  private forget(task: Task): void {
    this.tasks = this.tasks.filter((other) => other !== task);
    const { stopCode, startedAt } = task.describe();
    if (startedAt) this.throttle.succeeded();
    if (stopCode !== 'TaskFailedToStart') return;
    const waitMs = this.throttle.failed();
    // The service event of AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
    if (waitMs !== null) this.note('unable to consistently start tasks successfully', { waitMs });
  }

  private candidates(tasks: readonly Task[]): Candidate[] {
    const { group, definition } = this.order;
    const health = group.health();
    const graceMs = this.platform.clock.seconds(this.scheduling.gracePeriodMs);
    return tasks.map((task) => {
      const described = task.describe();
      const { startedAt } = described;
      const inGrace = !startedAt || Date.now() - startedAt.getTime() < graceMs;
      const hasHealthCheck = definition.healthCheck !== null;
      return standingOf(described, targetOf(task, health), { groupArn: group.settings.arn, hasHealthCheck, inGrace });
    });
  }

  private noteSteadiness(): void {
    const { stability, desired, running, pending } = this.describe();
    const isSteady = stability === 'STEADY_STATE';
    if (isSteady !== this.wasSteady) this.note(isSteady ? 'steady state' : 'stabilizing', { desired, running, pending });
    this.wasSteady = isSteady;
  }

  private note(event: string, facts: Record<string, unknown> = {}): void {
    this.platform.journal.note('ecs', this.id, event, facts);
  }
}

function targetOf({ target: { id, port } }: Task, health: readonly TargetHealth[]): TargetHealth | null {
  return health.find(({ target }) => target.id === id && target.port === port) ?? null;
}

function zonesOf(tasks: readonly Task[]): { zone: string }[] {
  return tasks.map(({ order: { zone } }) => ({ zone }));
}
