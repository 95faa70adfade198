import type { TaskDefinition, TaskView } from '../model.js';
import type { HealthStatus } from './health-check.js';

/** What the metadata endpoint knows of a task with one container. */
export interface MetadataFacts {
  task: Pick<TaskView, 'arn' | 'lastStatus' | 'address' | 'zone'> & { desiredStatus: 'RUNNING' | 'STOPPED' };
  definition: TaskDefinition;
  clusterArn: string;
  service: string;
  /** `<task id>-<number>`. */
  containerId: string;
  containerArn: string;
  createdAt: Date;
  pullStartedAt: Date | null;
  pullStoppedAt: Date | null;
  containerStartedAt: Date | null;
  /** Null without a health check. */
  health: { status: HealthStatus; statusSince: Date; output: string } | null;
}

/**
 * The answer for `${ECS_CONTAINER_METADATA_URI_V4}`.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
 */
export function containerDocument(facts: MetadataFacts): Record<string, unknown> {
  const { task, definition, containerId, health } = facts;
  const [family, revision] = familyAndRevision(definition);
  return withoutNulls({
    DockerId: containerId,
    Name: definition.containerName,
    DockerName: definition.containerName,
    Image: definition.image,
    ImageID: definition.image.split('@')[1] ?? null,
    Labels: {
      'com.amazonaws.ecs.cluster': facts.clusterArn,
      'com.amazonaws.ecs.container-name': definition.containerName,
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.task-definition-family': family,
      'com.amazonaws.ecs.task-definition-version': revision,
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: containerStatus(task.lastStatus),
    CreatedAt: facts.containerStartedAt?.toISOString() ?? null,
    StartedAt: facts.containerStartedAt?.toISOString() ?? null,
    Type: 'NORMAL',
    Health: health && { status: health.status, statusSince: health.statusSince.toISOString(), output: health.output },
    LogDriver: 'awslogs',
    ContainerARN: facts.containerArn,
    Networks: [networkOf(task)],
    Snapshotter: 'overlayfs',
  });
}

/**
 * The answer for `${ECS_CONTAINER_METADATA_URI_V4}/task`. It has no limits, since the rehearsal knows none.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
 */
export function taskDocument(facts: MetadataFacts): Record<string, unknown> {
  const { task, definition } = facts;
  const [family, revision] = familyAndRevision(definition);
  return withoutNulls({
    Cluster: facts.clusterArn,
    ServiceName: facts.service,
    TaskARN: task.arn,
    Family: family,
    Revision: revision,
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    PullStartedAt: facts.pullStartedAt?.toISOString() ?? null,
    PullStoppedAt: facts.pullStoppedAt?.toISOString() ?? null,
    AvailabilityZone: task.zone,
    LaunchType: 'FARGATE',
    Containers: [containerDocument(facts)],
    ClockDrift: {
      ClockErrorBound: 0.5,
      ReferenceTimestamp: new Date().toISOString(),
      ClockSynchronizationStatus: 'SYNCHRONIZED',
    },
    EphemeralStorageMetrics: { Utilized: 0, Reserved: 20_496 },
  });
}

/** Of `arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION`. */
export function familyAndRevision({ arn, family }: Pick<TaskDefinition, 'arn' | 'family'>): [family: string, revision: string] {
  return [family, arn.split('/').at(-1)?.split(':')[1] ?? '1'];
}

/** A container has fewer states than its task, and runs until its task is stopping. */
function containerStatus(task: TaskView['lastStatus']): string {
  if (task === 'PROVISIONING' || task === 'PENDING') return 'PENDING';
  return task === 'DEPROVISIONING' || task === 'STOPPED' ? 'STOPPED' : 'RUNNING';
}

function networkOf({ address, zone }: MetadataFacts['task']): Record<string, unknown> {
  const bytes = address.split('.').map(Number);
  const subnet = bytes.slice(0, 3).join('.');
  const region = zone.replace(/[a-z]$/, '');
  return {
    NetworkMode: 'awsvpc',
    IPv4Addresses: [address],
    AttachmentIndex: 0,
    MACAddress: ['02', '00', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':'),
    IPv4SubnetCIDRBlock: `${subnet}.0/24`,
    DomainNameServers: [`${bytes.slice(0, 2).join('.')}.0.2`],
    DomainNameSearchList: [`${region}.compute.internal`],
    PrivateDNSName: `ip-${bytes.join('-')}.${region}.compute.internal`,
    SubnetGatewayIpv4Address: `${subnet}.1/24`,
  };
}

function withoutNulls(document: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null));
}
