/** What the parts of the rehearsal have in common: time, the journal, and the shapes that they hand each other. */
import type { ContainerSettings } from './ecs/container-settings.js';

/** The time of the rehearsal: AWS's waits are shortened. Waits of minutes and of seconds are told apart, so that a clock may treat them differently. */
export interface Clock {
  /** Real ms since the rehearsal began. */
  now(): number;
  /** Real ms for a wait between phases that takes so many ms on AWS. */
  minutes(awsMs: number): number;
  /** Real ms for a wait inside of a phase that takes so many ms on AWS. */
  seconds(awsMs: number): number;
}

/** Who did something. */
export type Source = 'alb' | 'ecs' | 'codedeploy' | 'cloudwatch' | 'lambda' | 'load' | 'scenario';

/** One thing that happened. */
export interface Entry {
  /** Real ms since the rehearsal began. */
  at: number;
  source: Source;
  /** What it happened to: a task, a target group, a deployment, an alarm. */
  subject: string;
  event: string;
  facts: Record<string, unknown>;
}

/** Takes down what happened, in order. */
export interface Journal {
  note(source: Source, subject: string, event: string, facts?: Record<string, unknown>): void;
}

/** A target of type `ip`. */
export interface Target {
  /** Its address. Tasks have addresses of their own in 127.0.0.0/8. */
  id: string;
  port: number;
  zone: string;
}

/** Settings of a target group, as in its template; times in ms on AWS. */
export interface TargetGroupSettings {
  name: string;
  arn: string;
  healthPath: string;
  intervalMs: number;
  timeoutMs: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  /** `200`, `200-299`, `200,202`. */
  matcher: string;
  deregistrationDelayMs: number;
  algorithm: 'round_robin' | 'least_outstanding_requests';
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-states */
export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused';

export interface TargetHealth {
  target: Target;
  state: TargetState;
  /** Such as Elb.RegistrationInProgress, Target.Timeout, Target.FailedHealthChecks, Target.ResponseCodeMismatch, Target.DeregistrationInProgress. */
  reason: string | null;
}

/** What ECS needs of a target group. */
export interface Registry {
  readonly settings: TargetGroupSettings;
  register(target: Target): void;
  /** Resolves when the target is unused: after the deregistration delay, or sooner if nothing is under way any more and the rule says so. */
  deregister(target: Target): Promise<void>;
  health(): TargetHealth[];
}

/** Target group ARN → weight, 0 to 999. */
export type Weights = ReadonlyMap<string, number>;

/** What CodeDeploy needs of a listener. */
export interface Listener {
  readonly arn: string;
  readonly port: number;
  readonly weights: Weights;
  shift(weights: Weights): void;
}

/** A point of a CloudWatch metric. */
export interface Datum {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  value: number;
}

/** Takes metrics as AWS's services and the tasks' logs publish them. */
export interface MetricSink {
  put(datum: Datum): void;
}

/** A task definition as it is registered, filled in; only what the rehearsal uses. */
export interface TaskDefinition {
  arn: string;
  family: string;
  image: string;
  environment: Record<string, string>;
  /** Variable → ARN or name of the secret. */
  secrets: Record<string, string>;
  containerName: string;
  port: number;
  command: string[] | null;
  healthCheck: { command: string[]; intervalMs: number; timeoutMs: number; retries: number; startPeriodMs: number } | null;
  stopTimeoutMs: number;
  /** For real containers only. */
  settings?: ContainerSettings;
}

/** The task sets of a service, as DescribeServices lists them. */
export interface TaskSetView {
  id: string;
  arn: string;
  status: 'PRIMARY' | 'ACTIVE' | 'DRAINING';
  taskDefinition: string;
  targetGroupArn: string;
  desired: number;
  running: number;
  pending: number;
  stability: 'STEADY_STATE' | 'STABILIZING';
}

/** A task, as DescribeTasks lists it. */
export interface TaskView {
  arn: string;
  taskDefinition: string;
  /** The task set's id. */
  startedBy: string;
  lastStatus: 'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED';
  healthStatus: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
  address: string;
  zone: string;
  /** TaskFailedToStart, EssentialContainerExited, ServiceSchedulerInitiated; null while it runs. */
  stopCode: string | null;
  stoppedReason: string | null;
  exitCode: number | null;
}

/** What CodeDeploy and the API need of a service. */
export interface Service {
  readonly cluster: string;
  readonly name: string;
  taskSets(): TaskSetView[];
  tasks(desired: 'RUNNING' | 'STOPPED'): TaskView[];
  /** Answers the id of the new task set, whose tasks start at once. */
  createTaskSet(definition: TaskDefinition, group: Registry): string;
  makePrimary(taskSetId: string): void;
  /** Resolves when its tasks are stopped: deregistered, SIGTERM, SIGKILL. */
  deleteTaskSet(taskSetId: string): Promise<void>;
  /** Both task sets get it. */
  scale(desired: number): void;
}

/** How a function is invoked; resolves when it has ended, however it ended. */
export interface Functions {
  invoke(name: string, event: object): Promise<{ failed: string | null }>;
}

/** CloudWatch's alarms, for CodeDeploy. */
export interface Alarms {
  /** Throws if one of them can't be found. */
  states(names: readonly string[]): { name: string; state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' }[];
}

export type DeploymentStatus = 'Created' | 'InProgress' | 'Ready' | 'Succeeded' | 'Failed' | 'Stopped';

/** Settings of a deployment group and of its configuration; times in ms on AWS. */
export interface DeploymentSettings {
  application: string;
  group: string;
  shift:
    | { kind: 'all-at-once' }
    | { kind: 'canary'; percent: number; waitMs: number }
    | { kind: 'linear'; percent: number; everyMs: number };
  terminationWaitMs: number;
  /** Null: CONTINUE_DEPLOYMENT. */
  readyWaitMs: number | null;
  rollbackOn: readonly ('DEPLOYMENT_FAILURE' | 'DEPLOYMENT_STOP_ON_ALARM' | 'DEPLOYMENT_STOP_ON_REQUEST')[];
  alarms: readonly string[];
  ignorePollAlarmFailure: boolean;
  /** Lifecycle event → name of the function. */
  hooks: Readonly<Record<string, string>>;
}
