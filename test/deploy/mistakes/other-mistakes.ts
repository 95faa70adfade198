import type { FileName } from '../check/project.js';
import { inFile, inSettings, type Mistake } from './mistake.js';

const settings = (name: string, path: string, value: unknown, says: string, on = path.split('.').at(-1)!): Mistake => ({
  name: `settings: ${name}`,
  plant: inSettings(path.split('.'), value),
  file: path.startsWith('sizes.') ? 'sizes' : 'settings',
  on,
  says,
});

const planted = (name: string, file: FileName, from: string, to: string, on: string, says: string): Mistake => ({
  name,
  plant: inFile(file, from, to),
  file,
  on,
  says,
});

export const SETTINGS_MISTAKES: readonly Mistake[] = [
  settings('a health path that is no route', 'health.live', '/livez', '/livez is no route of'),
  settings('target groups that ask for the health of shared parts', 'targetGroup.path', '/health', 'ask /health/ready'),
  settings('target groups at another port', 'targetGroup.port', 80, "make the target groups' port 3000"),
  settings('a probe that outlasts its interval', 'targetGroup.timeout', 10, 'make timeout a number from 2 to 9'),
  settings('a threshold that there is not', 'targetGroup.healthyThreshold', 1, 'from 2 to 10'),
  settings('another drain time', 'container.drainSeconds', 20, "the app's own drain time"),
  settings(
    'a migration that the image does not have',
    'container.migrateCommand',
    ['dist/cli.js', 'upgrade'],
    'name a command of',
  ),
  settings('another visibility timeout', 'queue.visibilityTimeout', 60, 'make visibilityTimeout 30'),
  settings('fewer receives', 'queue.maxReceiveCount', 5, 'make maxReceiveCount 50'),
  settings('a short retention', 'queue.retention', 345_600, 'make retention 1209600'),
  settings(
    'a hook that may not be called',
    'namesInFiles.hooks.AfterAllowTraffic',
    'posthorn-after',
    'begin the name with CodeDeployHook_',
  ),
  settings('an image file of another name', 'pipeline.imageFile', 'imageDetails.json', 'make it imageDetail.json'),
  settings('a placeholder with brackets', 'pipeline.imagePlaceholder', '<IMAGE1_NAME>', 'make it one word'),
  settings('another file', 'pipeline.appSpecFile', 'appspec.yml', 'make it appspec.yaml'),
  settings(
    'a variable that nothing uses',
    'releaseVariables.TASK_CPU_UNITS',
    'CPU units',
    'remove TASK_CPU_UNITS',
    'releaseVariables',
  ),
  settings('a size that Fargate does not have', 'sizes.small.cpu', 600, 'Fargate has no size with 600'),
  settings('memory that does not go with the CPU', 'sizes.medium.memory', 1024, 'Fargate gives no other to cpu 1024'),
  settings('a single task', 'sizes.small.tasks.min', 1, 'two tasks or more'),
  settings('more connections than the database takes', 'sizes.large.poolSize', 100, 'lower poolSize or tasks.max'),
  settings('a smaller database', 'sizes.medium.database.maxConnections', 300, 'raise maxConnections', 'poolSize'),
];

export const METRIC_MISTAKES: readonly Mistake[] = [
  settings('metrics of another namespace', 'metrics.namespace', 'posthorn', 'make the namespace Posthorn'),
  settings('metrics of another service', 'metrics.dimension', 'app', 'make the dimension service'),
  settings(
    'metrics under another name than the alarms look for',
    'environment.SERVICE_NAME',
    'posthorn',
    'make SERVICE_NAME ${NAME}',
  ),
  settings('a metric that the app does not write', 'metrics.dueLag', 'dueLag', 'write one of'),
  settings(
    'a dependency that the app does not have',
    'metrics.dependencyUp.cache',
    'dependencyUpRedis',
    'write dependencyUpCache',
  ),
];

export const APP_MISTAKES: readonly Mistake[] = [
  planted(
    'connections closed before the balancer closes them',
    'http',
    'KEEP_ALIVE_MS = 75_000',
    'KEEP_ALIVE_MS = 5_000',
    'KEEP_ALIVE_MS',
    '502',
  ),
  planted('a keep-alive that the check can not find', 'http', 'const KEEP_ALIVE_MS', 'const KEPT_ALIVE', '', 'nothing matches'),
  planted(
    'a stop that ECS cuts short',
    'start',
    'STOP_LIMIT_MS = 110_000',
    'STOP_LIMIT_MS = 130_000',
    'STOP_LIMIT_MS',
    'give up before ECS does',
  ),
  planted(
    'a stop that gives up too early',
    'start',
    'STOP_LIMIT_MS = 110_000',
    'STOP_LIMIT_MS = 30_000',
    'STOP_LIMIT_MS',
    'wait for longer',
  ),
  planted(
    'a send that outlives its lease',
    'config',
    'LEASE_MARGIN_MS = 30_000',
    'LEASE_MARGIN_MS = 0',
    'LEASE_MARGIN_MS',
    'must outlive the longest send',
  ),
  planted(
    'a queue that the app expects otherwise',
    'queue',
    "VisibilityTimeout: '30'",
    "VisibilityTimeout: '45'",
    'visibilityTimeout',
    '45',
  ),
  planted('a health route that moved', 'health', "@Get('ready')", "@Get('readiness')", 'ready', '/health/ready is no route'),
  planted(
    'a health check that asks another path',
    'healthcheck',
    '/health/live`',
    '/health`',
    'command',
    'ask http://127.0.0.1:3000/health/live',
  ),
  planted('an image with another port', 'dockerfile', 'EXPOSE 3000', 'EXPOSE 8080', 'EXPOSE', 'EXPOSE 3000'),
  planted('an image that runs as root', 'dockerfile', 'USER node', 'USER root', 'USER', 'other than root'),
  planted(
    'a shell that keeps the signals',
    'dockerfile',
    'ENTRYPOINT ["node", "--max-semi-space-size=8"]',
    'ENTRYPOINT npm start',
    'ENTRYPOINT',
    'keeps SIGTERM',
  ),
  planted('a /tmp that belongs to root', 'dockerfile', 'VOLUME /tmp', '', 'USER', 'add VOLUME /tmp'),
  planted(
    'another base image',
    'dockerfile',
    'FROM node:24-bookworm-slim AS build',
    'FROM node:26-bookworm-slim AS build',
    'FROM',
    '--build-context',
  ),
  planted(
    'other parts on the build machine',
    'buildCompose',
    'mysql:8.4',
    'mysql:9.0',
    'mysql:9.0',
    'use an image of docker-compose.yml',
  ),
].map((mistake) => elsewhere(mistake));

/** Where two sides disagree, the message points at the one that is to follow. */
function elsewhere(mistake: Mistake): Mistake {
  const pointsAt: Partial<Record<FileName, FileName>> = { queue: 'settings', health: 'settings', healthcheck: 'taskdef' };
  return { ...mistake, file: pointsAt[mistake.file] ?? mistake.file };
}
