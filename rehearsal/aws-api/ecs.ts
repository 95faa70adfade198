import type { Service, TaskSetView, TaskView } from '../model.js';
import { AwsError } from './aws-error.js';
import { epoch, type ApiService } from './service.js';

export interface EcsParts {
  service: Service;
  /** The ARNs of the cluster and of the service. */
  clusterArn: string;
  serviceArn: string;
  containerName: string;
  containerPort: number;
}

/** How many tasks ListTasks gives at most, and DescribeTasks takes: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html */
const MAX_TASKS = 100;

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Operations.html */
export function ecsService(parts: EcsParts): ApiService {
  const madeAt = new Map<string, Date>();
  noteTaskSets(madeAt, parts.service.taskSets());
  return {
    name: 'Elastic Container Service',
    source: 'ecs',
    key: 'AmazonEC2ContainerServiceV20141113',
    actions: {
      DescribeServices: (input) => describeServices(parts, input, madeAt),
      ListTasks: (input) => listTasks(parts, input),
      DescribeTasks: (input) => describeTasks(parts, input),
    },
  };
}

function describeServices(parts: EcsParts, { cluster, services = [] }: Record<string, any>, madeAt: Map<string, Date>): object {
  checkCluster(parts, cluster);
  const isOurs = (name: string) => name === parts.service.name || name === parts.serviceArn;
  const missing = services.filter((name: string) => !isOurs(name));
  return {
    services: services.some(isOurs) ? [described(parts, madeAt)] : [],
    failures: missing.map((arn: string) => ({ arn, reason: 'MISSING' })),
  };
}

function described(parts: EcsParts, madeAt: Map<string, Date>): object {
  const sets = parts.service.taskSets();
  noteTaskSets(madeAt, sets);
  const primary = sets.find(({ status }) => status === 'PRIMARY');
  return {
    serviceArn: parts.serviceArn,
    serviceName: parts.service.name,
    clusterArn: parts.clusterArn,
    status: 'ACTIVE',
    desiredCount: primary?.desired ?? 0,
    runningCount: sets.reduce((sum, { running }) => sum + running, 0),
    pendingCount: sets.reduce((sum, { pending }) => sum + pending, 0),
    launchType: 'FARGATE',
    taskDefinition: primary?.taskDefinition,
    deploymentController: { type: 'CODE_DEPLOY' },
    deployments: [],
    taskSets: sets.map((set) => taskSetOf(parts, set, madeAt)),
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html */
function taskSetOf(parts: EcsParts, set: TaskSetView, madeAt: Map<string, Date>): object {
  return {
    id: set.id,
    taskSetArn: set.arn,
    serviceArn: parts.serviceArn,
    clusterArn: parts.clusterArn,
    status: set.status,
    taskDefinition: set.taskDefinition,
    computedDesiredCount: set.desired,
    runningCount: set.running,
    pendingCount: set.pending,
    createdAt: epoch(madeAt.get(set.id) ?? null),
    launchType: 'FARGATE',
    scale: { value: set.status === 'DRAINING' ? 0 : 100, unit: 'PERCENT' },
    stabilityStatus: set.stability,
    loadBalancers: [
      { targetGroupArn: set.targetGroupArn, containerName: parts.containerName, containerPort: parts.containerPort },
    ],
  };
}

/** The model has no time at which a task set was made: it is that of the first look, later for later ones in the list. */
function noteTaskSets(madeAt: Map<string, Date>, sets: readonly TaskSetView[]): void {
  const now = Date.now();
  for (const [at, { id }] of sets.entries()) if (!madeAt.has(id)) madeAt.set(id, new Date(now + at));
}

/** Stopped tasks are known for an hour on AWS; the service says which ones. */
function listTasks(parts: EcsParts, input: Record<string, any>): object {
  const { cluster, serviceName, desiredStatus = 'RUNNING', startedBy, maxResults = MAX_TASKS, nextToken = '0' } = input;
  checkCluster(parts, cluster);
  if (serviceName && serviceName !== parts.service.name && serviceName !== parts.serviceArn)
    throw new AwsError('ServiceNotFoundException', 'Service not found.');
  if (desiredStatus !== 'RUNNING' && desiredStatus !== 'STOPPED')
    throw new AwsError('InvalidParameterException', `desiredStatus can't be ${desiredStatus}`);
  const tasks = parts.service.tasks(desiredStatus).filter((task) => !startedBy || task.startedBy === startedBy);
  const [at, size] = [Number(nextToken), Math.min(Number(maxResults), MAX_TASKS)];
  const next = at + size < tasks.length ? String(at + size) : undefined;
  return { taskArns: tasks.slice(at, at + size).map(({ arn }) => arn), nextToken: next };
}

function describeTasks(parts: EcsParts, { cluster, tasks = [] }: Record<string, any>): object {
  checkCluster(parts, cluster);
  if (tasks.length === 0) throw new AwsError('InvalidParameterException', 'Tasks cannot be empty.');
  if (tasks.length > MAX_TASKS) throw new AwsError('InvalidParameterException', `No more than ${MAX_TASKS} tasks`);
  const known = (['RUNNING', 'STOPPED'] as const).flatMap((status) =>
    parts.service.tasks(status).map((task) => ({ task, status })),
  );
  const found = new Map(known.map(({ task, status }) => [task.arn, taskOf(parts, task, status)]));
  const byId = new Map([...found].map(([arn, task]) => [arn.split('/').at(-1), task]));
  const answers = tasks.map((asked: string) => [asked, found.get(asked) ?? byId.get(asked)]);
  return {
    tasks: answers.flatMap(([, task]: [string, object | undefined]) => (task ? [task] : [])),
    failures: answers.flatMap(([arn, task]: [string, object | undefined]) => (task ? [] : [{ arn, reason: 'MISSING' }])),
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html */
function taskOf(parts: EcsParts, task: TaskView, desiredStatus: string): object {
  return {
    taskArn: task.arn,
    clusterArn: parts.clusterArn,
    taskDefinitionArn: task.taskDefinition,
    group: `service:${parts.service.name}`,
    startedBy: task.startedBy,
    lastStatus: task.lastStatus,
    desiredStatus,
    healthStatus: task.healthStatus,
    launchType: 'FARGATE',
    availabilityZone: task.zone,
    stopCode: task.stopCode ?? undefined,
    stoppedReason: task.stoppedReason ?? undefined,
    containers: [
      {
        name: parts.containerName,
        lastStatus: task.lastStatus,
        healthStatus: task.healthStatus,
        exitCode: task.exitCode ?? undefined,
        networkInterfaces: [{ privateIpv4Address: task.address }],
      },
    ],
  };
}

function checkCluster({ service, clusterArn }: EcsParts, cluster: unknown): void {
  if (cluster !== service.cluster && cluster !== clusterArn) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
}
