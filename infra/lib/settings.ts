/**
 * The names and numbers that the container, the pipeline's files and the infrastructure must agree on. Plain data without any import,
 * so that the consistency check of the project reads the same values that the stack is made of.
 */

/** What the service is called: cluster, service, application and deployment group of CodeDeploy, pipeline, prefix of the rest. */
export const NAME = 'posthorn';

export const container = {
  /** Family of the revisions that the pipeline registers. */
  family: NAME,
  /** Family of the stand-in that the service is made with; see docs/operations.md, first deployment. */
  bootstrapFamily: `${NAME}-bootstrap`,
  /** Family of the one-off task that migrates the database. */
  migrateFamily: `${NAME}-migrate`,
  name: 'app',
  port: 3000,
  cpuArchitecture: 'ARM64',
  operatingSystem: 'LINUX',
  /** Seconds between SIGTERM and SIGKILL; the most that Fargate gives. */
  stopTimeout: 120,
  /** DRAIN_SECONDS of the app: HTTP is still served that long after SIGTERM. */
  drainSeconds: 10,
  /** What the image's entry point is given to migrate the database. */
  migrateCommand: ['dist/cli.js', 'migrate'],
} as const;

/** Health paths: the target groups ask `ready`, the container's own health check `live`, people and the build's smoke test `all`. */
export const health = { ready: '/health/ready', live: '/health/live', all: '/health' } as const;

/** Health checks of both target groups, in seconds and times. */
export const targetGroup = {
  path: health.ready,
  port: container.port,
  interval: 10,
  timeout: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
  deregistrationDelay: 30,
  blueName: `${NAME}-blue`,
  greenName: `${NAME}-green`,
} as const;

/** Its idle limit in seconds (the app keeps connections open for longer), and its listeners' ports with a domain (TLS) and without. */
export const loadBalancer = {
  idleTimeout: 60,
  https: { production: 443, test: 8443 },
  http: { production: 80, test: 8080 },
} as const;

/** What the app expects of its queue; the same as the emulator on a laptop. Seconds. */
export const queue = {
  name: NAME,
  deadLetterName: `${NAME}-dlq`,
  visibilityTimeout: 30,
  maxReceiveCount: 50,
  retention: 14 * 86_400,
} as const;

/** The log of the service's tasks and of migrations. */
export const logs = { group: `/${NAME}/app`, streamPrefix: 'ecs', retentionDays: 30 } as const;

/** Metrics that the app writes into its log (embedded metric format). */
export const metrics = {
  namespace: 'Posthorn',
  dimension: { service: NAME },
  dueLag: 'dueLagSeconds',
  dependencyUp: { database: 'dependencyUpDatabase', cache: 'dependencyUpCache', queue: 'dependencyUpQueue' },
} as const;

/** What the pipeline hands from action to action. */
export const pipeline = {
  sourceArtifact: 'SourceArtifact',
  /** taskdef.json and appspec.yaml, filled in. */
  specArtifact: 'SpecArtifact',
  /** imageDetail.json. */
  imageArtifact: 'ImageArtifact',
  taskDefinitionFile: 'taskdef.json',
  appSpecFile: 'appspec.yaml',
  buildSpecFile: 'buildspec.yml',
  imageFile: 'imageDetail.json',
  /** In taskdef.json and appspec.yaml in angle brackets; the action fills in the image of imageDetail.json, and the revision. */
  imagePlaceholder: 'IMAGE1_NAME',
  taskDefinitionPlaceholder: 'TASK_DEFINITION',
  branch: 'main',
} as const;

/** Functions that CodeDeploy calls. Its own managed roles only call what has this prefix; ours does the same. */
export const hooks = {
  AfterAllowTestTraffic: `CodeDeployHook_${NAME}-after-test-traffic`,
  AfterAllowTraffic: `CodeDeployHook_${NAME}-after-traffic`,
} as const;
export const HOOK_PREFIX = 'CodeDeployHook_';

/**
 * Writable places of the read-only container: for the app, and for the agent of ECS Exec, which writes into the container.
 * Volume name → path.
 */
export const writable = {
  tmp: '/tmp',
  'exec-agent': '/managed-agents',
  'exec-state': '/var/lib/amazon/ssm',
  'exec-log': '/var/log/amazon/ssm',
} as const;

/** Plain environment of the container. `${NAME}` stands for a build variable of that name, see `buildVariables`. */
export const environment = {
  NODE_ENV: 'production',
  PORT: String(container.port),
  ROLES: 'api,worker',
  // Nothing scrapes inside this network: the same numbers go into the log as CloudWatch metrics.
  METRICS_PORT: '0',
  LOG_LEVEL: 'info',
  MIGRATE_ON_START: 'false',
  DRAIN_SECONDS: String(container.drainSeconds),
  AWS_REGION: '${AWS_REGION}',
  SQS_QUEUE_URL: '${QUEUE_URL}',
  SQS_DLQ_URL: '${DEAD_LETTER_QUEUE_URL}',
  RELEASE_LISTENER_ARN: '${LISTENER_ARN}',
  DATABASE_POOL_SIZE: '${DATABASE_POOL_SIZE}',
  DELIVERY_CONCURRENCY: '${DELIVERY_CONCURRENCY}',
} as const;

/** Secret environment of the container: variable → where its value comes from. Each secret is one plain string, without JSON keys. */
export const secrets = {
  DATABASE_URL: { name: `${NAME}/database-url`, valueFrom: '${DATABASE_URL_SECRET_ARN}' },
  REDIS_URL: { name: `${NAME}/redis-url`, valueFrom: '${REDIS_URL_SECRET_ARN}' },
  JWT_SECRET: { name: `${NAME}/jwt-secret`, valueFrom: '${JWT_SECRET_ARN}' },
  ENCRYPTION_KEY: { name: `${NAME}/encryption-key`, valueFrom: '${ENCRYPTION_KEY_SECRET_ARN}' },
} as const;

/** The secret with DATABASE_URL of the migration, which goes past a proxy. */
export const MIGRATION_URL_SECRET = `${secrets.DATABASE_URL.name}-direct`;

/** What the build project is given, to fill into taskdef.json and appspec.yaml as `${NAME}` or to use itself, and its meaning. */
export const buildVariables = {
  TASK_CPU: 'CPU units of the task',
  TASK_MEMORY: 'MiB of the task',
  EXECUTION_ROLE_ARN: 'Role that pulls the image, reads the secrets, and opens the log',
  TASK_ROLE_ARN: 'Role of the app itself',
  QUEUE_URL: 'The queue',
  DEAD_LETTER_QUEUE_URL: 'The dead-letter queue',
  LISTENER_ARN: 'The production listener',
  DATABASE_URL_SECRET_ARN: 'Secret with DATABASE_URL',
  REDIS_URL_SECRET_ARN: 'Secret with REDIS_URL',
  JWT_SECRET_ARN: 'Secret with JWT_SECRET',
  ENCRYPTION_KEY_SECRET_ARN: 'Secret with ENCRYPTION_KEY',
  DATABASE_POOL_SIZE: 'Most database connections of a task',
  DELIVERY_CONCURRENCY: 'Most deliveries at the same time in a task',
  IMAGE_REPOSITORY_URI: 'ECR repository of the images; its tags can not be moved',
  CACHE_REPOSITORY_URI: 'ECR repository of the build cache',
} as const;
/** Set by CodeBuild itself. */
export const buildGiven = ['AWS_REGION', 'CODEBUILD_RESOLVED_SOURCE_VERSION', 'CODEBUILD_BUILD_SUCCEEDING'] as const;

export type SizeName = 'small' | 'medium' | 'large';

/** How big an installation is. */
export interface Size {
  /** CPU units and MiB of a task: a pair that Fargate has. */
  cpu: number;
  memory: number;
  tasks: { min: number; max: number };
  /** DATABASE_POOL_SIZE; times the most tasks, times two for blue and green, it stays below `database.maxConnections`. */
  poolSize: number;
  deliveryConcurrency: number;
  natGateways: number;
  database: { instanceClass: string; maxConnections: number; multiAz: boolean; storageGb: number; backupDays: number };
  cache: { nodeType: string; nodes: number };
  /** Requests a minute that one task is meant to take, and queued tasks that it may find waiting, before another is started. */
  scaling: { cpuPercent: number; requestsPerTask: number; backlogPerTask: number };
  /** US dollars a month, by what they are for; list prices of us-east-1 with little traffic, rounded. */
  monthlyUsd: Record<string, number>;
}

/** Tasks that the service is made with. The same for each size: from then on their number is the autoscaling's. */
export const INITIAL_TASKS = 2;

export const sizes: Record<SizeName, Size> = {
  small: {
    cpu: 512,
    memory: 1024,
    tasks: { min: 2, max: 4 },
    poolSize: 20,
    deliveryConcurrency: 512,
    natGateways: 1,
    database: { instanceClass: 't4g.medium', maxConnections: 300, multiAz: false, storageGb: 50, backupDays: 7 },
    cache: { nodeType: 'cache.t4g.micro', nodes: 1 },
    scaling: { cpuPercent: 60, requestsPerTask: 9_000, backlogPerTask: 500 },
    monthlyUsd: {
      'tasks: 2 × (0.5 vCPU, 1 GB), ARM': 29,
      'load balancer': 23,
      'NAT gateway: 1': 38,
      'public addresses: 4': 15,
      'database: db.t4g.medium, 50 GB': 54,
      'cache: 1 × cache.t4g.micro': 10,
      'secrets: 9': 4,
      'logs, metrics, alarms': 35,
      'pipeline and builds': 6,
    },
  },
  medium: {
    cpu: 1024,
    memory: 2048,
    tasks: { min: 3, max: 8 },
    poolSize: 30,
    deliveryConcurrency: 1024,
    natGateways: 2,
    database: { instanceClass: 'm7g.large', maxConnections: 600, multiAz: true, storageGb: 100, backupDays: 14 },
    cache: { nodeType: 'cache.t4g.medium', nodes: 2 },
    scaling: { cpuPercent: 60, requestsPerTask: 20_000, backlogPerTask: 1_000 },
    monthlyUsd: {
      'tasks: 3 × (1 vCPU, 2 GB), ARM': 87,
      'load balancer': 30,
      'NAT gateways: 2': 80,
      'public addresses: 5': 18,
      'database: db.m7g.large in two zones, 100 GB': 269,
      'cache: 2 × cache.t4g.medium': 76,
      'secrets: 9': 4,
      'logs, metrics, alarms': 60,
      'pipeline and builds': 10,
    },
  },
  large: {
    // Node runs on one core: more tasks, not more cores a task.
    cpu: 1024,
    memory: 4096,
    tasks: { min: 4, max: 20 },
    poolSize: 40,
    deliveryConcurrency: 1024,
    natGateways: 3,
    database: { instanceClass: 'r7g.xlarge', maxConnections: 2000, multiAz: true, storageGb: 500, backupDays: 35 },
    cache: { nodeType: 'cache.r7g.large', nodes: 2 },
    scaling: { cpuPercent: 60, requestsPerTask: 20_000, backlogPerTask: 1_000 },
    monthlyUsd: {
      'tasks: 4 × (1 vCPU, 4 GB), ARM': 137,
      'load balancer': 60,
      'NAT gateways: 3': 130,
      'public addresses: 6': 22,
      'database: db.r7g.xlarge in two zones, 500 GB': 813,
      'cache: 2 × cache.r7g.large': 256,
      'secrets: 9': 4,
      'logs, metrics, alarms': 150,
      'pipeline and builds': 15,
    },
  },
};

/** US dollars a month of an installation of this size. */
export function monthlyUsd(size: Size): number {
  return Object.values(size.monthlyUsd).reduce((sum, part) => sum + part, 0);
}
