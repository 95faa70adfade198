import type { Context } from './context.js';
import { unexpectedKeys, type Keys, type Reasons } from './expected-keys.js';

/** The keys of taskdef.json. Each has a rule for its value in one of the files beside this one. */
const CONTAINER: Keys = {
  name: true,
  image: true,
  essential: true,
  user: true,
  portMappings: { containerPort: true, hostPort: true, protocol: true },
  environment: { name: true, value: true },
  secrets: { name: true, valueFrom: true },
  healthCheck: { command: true, interval: true, timeout: true, retries: true, startPeriod: true },
  stopTimeout: true,
  readonlyRootFilesystem: true,
  mountPoints: { sourceVolume: true, containerPath: true, readOnly: true },
  linuxParameters: { initProcessEnabled: true, capabilities: { add: true, drop: true } },
  logConfiguration: {
    logDriver: true,
    options: {
      'awslogs-create-group': true,
      'awslogs-group': true,
      'awslogs-region': true,
      'awslogs-stream-prefix': true,
      'max-buffer-size': true,
      mode: true,
    },
  },
};

const TASK: Keys = {
  family: true,
  requiresCompatibilities: true,
  networkMode: true,
  runtimePlatform: { cpuArchitecture: true, operatingSystemFamily: true },
  cpu: true,
  memory: true,
  executionRoleArn: true,
  taskRoleArn: true,
  volumes: { name: true, host: true },
  containerDefinitions: CONTAINER,
};

const IMAGE_STARTS = "the Dockerfile's ENTRYPOINT and CMD start the service, and the build's smoke test starts exactly that";
const ONE_CONTAINER = 'the container is alone in its task';
const NOT_ON_FARGATE = 'Fargate refuses it';
const TASK_LIMITS =
  "the container has the whole task: a second limit above the task's is refused, one below it wastes what is paid for";
const DNS = "the VPC's resolver answers for the database and the cache; awsvpc tasks take no other";
const VOLUME =
  'the writable places are empty volumes of the task (writable in infra/lib/settings.ts): what a task leaves behind is not kept';

const CONTAINER_REASONS: Reasons = {
  command: IMAGE_STARTS,
  cpu: TASK_LIMITS,
  credentialSpecs: NOT_ON_FARGATE,
  dependsOn: `${ONE_CONTAINER}: there is nothing to wait for, and a name that no container has is refused`,
  disableNetworking: `${NOT_ON_FARGATE} with awsvpc`,
  dnsSearchDomains: DNS,
  dnsServers: DNS,
  dockerLabels: 'nothing reads labels of containers, and everybody who may describe the task reads their values',
  dockerSecurityOptions: NOT_ON_FARGATE,
  entryPoint: IMAGE_STARTS,
  environmentFiles:
    'the values are in environment and secrets, where this check compares them; a file in S3 changes without a release',
  extraHosts: `${NOT_ON_FARGATE} with awsvpc`,
  firelensConfiguration: `${ONE_CONTAINER}: the log goes out through awslogs`,
  hostname: `${NOT_ON_FARGATE} with awsvpc`,
  interactive: 'the service reads no input',
  links: `${NOT_ON_FARGATE} with awsvpc`,
  memory: TASK_LIMITS,
  memoryReservation: TASK_LIMITS,
  privileged: NOT_ON_FARGATE,
  pseudoTerminal: 'with a terminal the log is coloured text instead of JSON lines',
  repositoryCredentials: 'the image comes from ECR with the execution role',
  resourceRequirements: `${NOT_ON_FARGATE}: it has no GPU`,
  restartPolicy: 'it hides a crash loop: ECS would see no stopped task, and the release would not be stopped',
  startTimeout: `${ONE_CONTAINER}: it only counts for containers that another one depends on`,
  systemControls: 'the app relies on no setting of the kernel, and a namespaced one can differ from what was tested',
  ulimits: "Fargate's own limit, 65535 open files, is what the service is tested with",
  versionConsistency: 'the image has a digest: there is no tag to resolve',
  volumesFrom: `${ONE_CONTAINER}: there is no other to take volumes from`,
  workingDirectory: "the Dockerfile's WORKDIR is where dist/ is; another folder has no dist/main.js",
  'portMappings.appProtocol': 'it belongs to Service Connect, which CodeDeploy deployments do not have',
  'portMappings.containerPortRange': 'the load balancer has one port',
  'portMappings.name': 'it belongs to Service Connect, which CodeDeploy deployments do not have',
  'linuxParameters.devices': NOT_ON_FARGATE,
  'linuxParameters.maxSwap': NOT_ON_FARGATE,
  'linuxParameters.sharedMemorySize': NOT_ON_FARGATE,
  'linuxParameters.swappiness': NOT_ON_FARGATE,
  'linuxParameters.tmpfs': VOLUME,
  'logConfiguration.secretOptions': 'the awslogs driver takes no secret',
};

const REASONS: Reasons = {
  enableFaultInjection: 'faults are injected in tests, not in production',
  ephemeralStorage: 'a task has 20 GiB (from 21 to 200 can be asked for), and the app only writes to /tmp',
  inferenceAccelerators: NOT_ON_FARGATE,
  ipcMode: NOT_ON_FARGATE,
  pidMode: `${ONE_CONTAINER}, and initProcessEnabled gives it a process that reaps`,
  placementConstraints: NOT_ON_FARGATE,
  proxyConfiguration: 'it belongs to App Mesh, which is not in this network',
  tags: "to register with tags takes ecs:TagResource, which the deploy action's role has not. Tags come from the service",
  'volumes.configuredAtLaunch': VOLUME,
  'volumes.dockerVolumeConfiguration': NOT_ON_FARGATE,
  'volumes.efsVolumeConfiguration': VOLUME,
  'volumes.fsxWindowsFileServerVolumeConfiguration': NOT_ON_FARGATE,
  'volumes.s3filesVolumeConfiguration': VOLUME,
  ...Object.fromEntries(Object.entries(CONTAINER_REASONS).map(([name, reason]) => [`containerDefinitions.${name}`, reason])),
};

/** Refuses each key of taskdef.json that no rule knows, and each container but the app's. */
export function checkTaskdefKeys({ taskdef, container, tell }: Context): void {
  for (const { path, message } of unexpectedKeys(taskdef, TASK, REASONS, 'test/deploy/check/taskdef-keys.ts'))
    tell('taskdef', path, message);
  for (const [index, other] of taskdef.containerDefinitions.entries()) {
    if (other === container) continue;
    tell(
      'taskdef',
      ['containerDefinitions', index],
      `remove the container "${other.name}": ${ONE_CONTAINER}, no size of the settings counts another, and none has its image`,
    );
  }
}
