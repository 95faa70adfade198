import { randomUUID } from 'node:crypto';
import type { TaskDefinition } from '../model.js';
import { ecsArn, type Platform } from './platform.js';
import type { TaskDescription } from './task-description.js';

/** An event "ECS Task State Change", as EventBridge hands it to its targets. */
export interface TaskStateChange {
  version: '0';
  id: string;
  'detail-type': 'ECS Task State Change';
  source: 'aws.ecs';
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown> & {
    clusterArn: string;
    group: string;
    taskArn: string;
    taskDefinitionArn: string;
    startedBy: string;
    lastStatus: string;
    desiredStatus: string;
    stopCode?: string;
    stoppedReason?: string;
    containers: { name: string; lastStatus: string; exitCode?: number }[];
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
export function stateChange(
  task: TaskDescription,
  definition: TaskDefinition,
  platform: Pick<Platform, 'region' | 'account' | 'cluster' | 'service'>,
): TaskStateChange {
  const now = new Date().toISOString();
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account: platform.account,
    time: now,
    region: platform.region,
    resources: [task.arn],
    detail: {
      availabilityZone: task.zone,
      clusterArn: ecsArn(platform, `cluster/${platform.cluster}`),
      containers: [containerOf(task, definition)],
      createdAt: task.createdAt.toISOString(),
      launchType: 'FARGATE',
      desiredStatus: task.desiredStatus,
      group: `service:${platform.service}`,
      lastStatus: task.lastStatus,
      platformVersion: '1.4.0',
      ...timesOf(task),
      startedBy: task.startedBy,
      ...(task.stopCode === null ? {} : { stopCode: task.stopCode }),
      ...(task.stoppedReason === null ? {} : { stoppedReason: task.stoppedReason }),
      taskArn: task.arn,
      taskDefinitionArn: task.taskDefinition,
      updatedAt: now,
      version: task.version,
    },
  };
}

function containerOf(task: TaskDescription, definition: TaskDefinition) {
  return {
    containerArn: task.containerArn,
    // A container that was never created has no exit code.
    ...(task.exitCode === null ? {} : { exitCode: task.exitCode }),
    lastStatus: task.lastStatus,
    name: definition.containerName,
    image: definition.image,
    taskArn: task.arn,
    networkInterfaces: [{ privateIpv4Address: task.address }],
  };
}

function timesOf({ pullStartedAt, pullStoppedAt, startedAt, stoppingAt, stoppedAt }: TaskDescription): Record<string, string> {
  const times = Object.entries({ pullStartedAt, pullStoppedAt, startedAt, stoppingAt, stoppedAt });
  return Object.fromEntries(times.flatMap(([name, time]) => (time ? [[name, time.toISOString()]] : [])));
}
