import { mistakesIn } from './mistake.js';

const taskdef = mistakesIn('taskdef');
const appspec = mistakesIn('appspec');

/** A key of the container that nobody expects. */
const inContainer = (key: string, value: string, says: string) =>
  taskdef(`${key} of the container`, '"essential": true,', `"essential": true,\n      "${key}": ${value},`, `"${key}"`, says);

/** A key of the task that nobody expects. */
const inTask = (key: string, value: string, says: string) =>
  taskdef(`${key} of the task`, '"networkMode"', `"${key}": ${value},\n  "networkMode"`, `"${key}"`, says);

export const CONTAINER_KEY_MISTAKES = [
  inContainer('command', '["npm", "start"]', "the Dockerfile's ENTRYPOINT and CMD start the service"),
  inContainer('entryPoint', '["sh", "-c"]', 'remove containerDefinitions[0].entryPoint'),
  inContainer('workingDirectory', '"/srv"', 'has no dist/main.js'),
  inContainer('restartPolicy', '{ "enabled": true }', 'it hides a crash loop'),
  inContainer('memory', '4096', "above the task's is refused"),
  inContainer('memoryReservation', '4096', "above the task's is refused"),
  inContainer('cpu', '2048', "above the task's is refused"),
  inContainer('dependsOn', '[{ "containerName": "proxy", "condition": "HEALTHY" }]', 'a name that no container has'),
  inContainer('hostname', '"posthorn"', 'Fargate refuses it with awsvpc'),
  inContainer('links', '["db:db"]', 'Fargate refuses it with awsvpc'),
  inContainer('extraHosts', '[{ "hostname": "db", "ipAddress": "10.0.0.7" }]', 'Fargate refuses it with awsvpc'),
  inContainer('privileged', 'true', 'Fargate refuses it'),
  inContainer('systemControls', '[{ "namespace": "net.core.somaxconn", "value": "1024" }]', 'no setting of the kernel'),
  inContainer('ulimits', '[{ "name": "nofile", "softLimit": 1024, "hardLimit": 1024 }]', '65535 open files'),
  inContainer('environmentFiles', '[{ "value": "arn", "type": "s3" }]', 'changes without a release'),
  inContainer('repositoryCredentials', '{ "credentialsParameter": "hub" }', 'from ECR with the execution role'),
  inContainer('pseudoTerminal', 'true', 'instead of JSON lines'),
  inContainer('dockerLabels', '{ "team": "a" }', 'nothing reads labels'),
  inContainer('volumesFrom', '[]', 'no other to take volumes from'),
  inContainer('startTimeout', '30', 'another one depends on'),
  inContainer('firelensConfiguration', '{ "type": "fluentbit" }', 'through awslogs'),
  inContainer('versionConsistency', '"disabled"', 'the image has a digest'),
  inContainer('resourceRequirements', '[{ "type": "GPU", "value": "1" }]', 'it has no GPU'),
  taskdef(
    'shared memory',
    '"initProcessEnabled"',
    '"sharedMemorySize": 64,\n"initProcessEnabled"',
    'sharedMemory',
    'Fargate refuses it',
  ),
  taskdef('a name for Service Connect', '"protocol": "tcp"', '"name": "http"', '"name": "http"', 'Service Connect'),
  taskdef('a secret for the log driver', '"logDriver"', '"secretOptions": [],\n"logDriver"', 'secretOptions', 'takes no secret'),
  taskdef(
    'an option of another log driver',
    '"mode"',
    '"labels": "a",\n          "mode"',
    '"labels"',
    'no rule knows what it must be',
  ),
];

export const TASK_KEY_MISTAKES = [
  inTask('tags', '[{ "key": "team", "value": "a" }]', 'takes ecs:TagResource'),
  inTask('ephemeralStorage', '{ "sizeInGiB": 10 }', 'from 21 to 200'),
  inTask('pidMode', '"task"', 'remove pidMode'),
  inTask('ipcMode', '"host"', 'Fargate refuses it'),
  inTask('placementConstraints', '[]', 'Fargate refuses it'),
  inTask('proxyConfiguration', '{ "containerName": "envoy" }', 'App Mesh'),
  inTask('taskDefinitionArn', '"a"', 'describe-task-definition answers it'),
  inTask('status', '"ACTIVE"', 'describe-task-definition answers it'),
  inTask('requiresAttributes', '[]', 'describe-task-definition answers it'),
  inTask('compatibilities', '["EC2", "FARGATE"]', 'describe-task-definition answers it'),
  inTask('registeredAt', '"2026-01-01"', 'describe-task-definition answers it'),
  inTask('registeredBy', '"a"', 'describe-task-definition answers it'),
  inTask('deregisteredAt', '"2026-01-01"', 'describe-task-definition answers it'),
  inTask('launchType', '"FARGATE"', 'has no such key'),
  taskdef(
    'EFS',
    '{ "name": "tmp" }',
    '{ "name": "tmp", "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }',
    'efs',
    'is not kept',
  ),
  taskdef(
    'a second container',
    '"containerDefinitions": [',
    '"containerDefinitions": [\n{ "name": "log", "image": "fluent-bit:3" },',
    '"log"',
    'remove the container "log"',
  ),
  taskdef(
    'a secret as PascalCase',
    '"valueFrom": "${REDIS',
    '"valuefrom": "${REDIS',
    'valuefrom',
    'write "valueFrom" for "valuefrom"',
  ),
];

export const TASK_VALUE_MISTAKES = [
  taskdef('another user', '"user": "node"', '"user": "root"', '"user"', "the Dockerfile's USER"),
  taskdef('no user', '      "user": "node",\n', '', '{', 'make the user node'),
  taskdef('a port over UDP', '"protocol": "tcp"', '"protocol": "udp"', 'udp', 'make the protocol tcp'),
  taskdef(
    'a second port',
    '"protocol": "tcp" }',
    '"protocol": "tcp" }, { "containerPort": 9464 }',
    '9464',
    'map the port 3000 and no other',
  ),
  taskdef(
    'the execution role for the app',
    '"${TASK_ROLE_ARN}"',
    '"${EXECUTION_ROLE_ARN}"',
    'taskRoleArn',
    'write ${TASK_ROLE_ARN} for taskRoleArn',
  ),
  taskdef(
    "the app's role for ECS",
    '"${EXECUTION_ROLE_ARN}"',
    '"${TASK_ROLE_ARN}"',
    'executionRoleArn',
    'write ${EXECUTION_ROLE_ARN}',
  ),
  taskdef('a fixed size', '"${TASK_CPU}"', '"512"', '"cpu"', 'write ${TASK_CPU} for cpu'),
  taskdef('memory for CPU', '"${TASK_MEMORY}"', '"${TASK_CPU}"', '"memory"', 'write ${TASK_MEMORY} for memory'),
  taskdef(
    "another secret's ARN",
    '"valueFrom": "${DATABASE_URL_SECRET_ARN}"',
    '"valueFrom": "${REDIS_URL_SECRET_ARN}"',
    'DATABASE_URL',
    'give DATABASE_URL in secrets the value ${DATABASE_URL_SECRET_ARN}',
  ),
  taskdef(
    'the dead-letter queue as the queue',
    '"${QUEUE_URL}"',
    '"${DEAD_LETTER_QUEUE_URL}"',
    'SQS_QUEUE_URL',
    'the value ${QUEUE_URL}',
  ),
  taskdef('a secret by its name', '"${JWT_SECRET_ARN}"', '"posthorn/jwt-secret"', 'JWT_SECRET', 'the whole ARN'),
  taskdef('also for EC2', '["FARGATE"]', '["FARGATE", "EC2"]', 'requiresCompatibilities', 'name FARGATE alone'),
  taskdef('a short time to start', '"startPeriod": 60', '"startPeriod": 5', 'startPeriod', 'make startPeriod 30 or more'),
  taskdef('a probe that ends before its command', '"timeout": 5', '"timeout": 2', '"timeout"', 'longer than 3 s'),
  taskdef('a single probe', '"retries": 3', '"retries": 1', '"retries"', 'make retries 2 or more'),
];

const PROPERTIES = '        PlatformVersion: LATEST\n';

export const APPSPEC_KEY_MISTAKES = [
  appspec('an old platform', 'PlatformVersion: LATEST', 'PlatformVersion: 1.3.0', 'PlatformVersion', 'runs no ARM image'),
  appspec(
    'FARGATE_SPOT',
    PROPERTIES,
    '        CapacityProviderStrategy: [{ CapacityProvider: FARGATE_SPOT, Weight: 1 }]\n',
    'CapacityProvider',
    'in the middle of a release',
  ),
  appspec(
    'a network of a tutorial',
    PROPERTIES,
    '        NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [subnet-1234], SecurityGroups: [sg-1234], AssignPublicIp: ENABLED } }\n',
    'Network',
    'of one account, or of a tutorial',
  ),
  appspec('a launch type', PROPERTIES, '        LaunchType: FARGATE\n', 'LaunchType', 'remove or rename "LaunchType"'),
  appspec(
    "a tutorial's revision",
    '<TASK_DEFINITION>',
    'arn:aws:ecs:us-west-2:123456789012:task-definition/tutorial:1',
    'tutorial',
    'write <TASK_DEFINITION>',
  ),
  appspec("a tutorial's container", 'ContainerName: app', 'ContainerName: SampleContainerName', 'Sample', 'write app'),
  appspec(
    "a tutorial's hook",
    'CodeDeployHook_${NAME}-after-traffic',
    'LambdaFunctionToValidateAfterTraffic',
    'Lambda',
    'call CodeDeployHook_',
  ),
  appspec('a version without its point', 'version: 0.0', 'version: 0', 'version', 'write version: 0.0'),
  appspec('hooks of a server', 'Hooks:', 'Permissions: []\nHooks:', 'Permissions', 'remove or rename "Permissions"'),
  appspec('names with small letters', 'Resources:', 'resources:', 'resources', 'remove or rename "resources"'),
];
