/**
 * The names and numbers that the container, the pipeline's files and the infrastructure must agree on. Plain data without any import,
 * so that the consistency check of the project reads the same values that the stacks are made of.
 */

/** What an installation is called unless it is told otherwise. */
export const DEFAULT_NAME = 'posthorn';

/** Longest name of an installation: its load balancer's target groups, with a colour behind it, may have 32 characters. */
export const MAX_NAME_LENGTH = 20;

/** Prefix of the functions that CodeDeploy calls. Its own managed roles only call what has this prefix; ours does the same. */
export const HOOK_PREFIX = 'CodeDeployHook_';

/**
 * Everything of an installation that has a name of its own, by the installation's name: so several stand beside each other in one
 * account and region. Also called with `${NAME}`, to get the names as taskdef.json and appspec.yaml have them before they are filled in.
 */
export function namesOf(name: string) {
  return {
    /** Cluster, service, application and deployment group of CodeDeploy, load balancer, database server, cache, topic, dashboard. */
    name,
    /** Family of the revisions that the pipeline registers. */
    family: name,
    /** Family of the stand-in that the service is made with; see docs/deploy.md, first deployment. */
    bootstrapFamily: `${name}-bootstrap`,
    /** Family of the one-off task that migrates the database. */
    migrateFamily: `${name}-migrate`,
    blue: `${name}-blue`,
    green: `${name}-green`,
    queue: name,
    deadLetterQueue: `${name}-dlq`,
    /** Log groups: of the service's tasks and migrations, and of what is typed in a shell in a task. */
    appLog: `/${name}/app`,
    execLog: `/${name}/exec`,
    /** Functions that CodeDeploy calls, by event. */
    hooks: {
      AfterAllowTestTraffic: `${HOOK_PREFIX}${name}-after-test-traffic`,
      AfterAllowTraffic: `${HOOK_PREFIX}${name}-after-traffic`,
    },
    receiver: `${name}-release-check-receiver`,
    watcher: `${name}-crash-loop-watcher`,
    sender: `${name}-synthetic-traffic`,
    /** Projects of CodeBuild, and their log groups. */
    builds: {
      build: project(name, 'build'),
      plan: project(name, 'plan'),
      infrastructure: project(name, 'infrastructure'),
      migrate: project(name, 'migrate'),
      verify: project(name, 'verify'),
    },
    /**
     * Secrets that are generated: user and password of the database, of the two users that the migration makes, of the cache … No name
     * may end in a hyphen and six characters: Secrets Manager takes these for the suffix of an ARN, and finds nothing by ARN without one.
     */
    secrets: {
      database: `${name}/database`,
      databaseApp: `${name}/database-app`,
      databaseMigration: `${name}/database-migration`,
      redis: `${name}/redis`,
      jwtSecret: `${name}/jwt-key`,
      encryptionKey: `${name}/encryption-key`,
      receiverKey: `${name}/receiver-key`,
    },
    /** … and those that are made of them: URLs for the app and for the migration. */
    urls: {
      app: `${name}/database-url`,
      direct: `${name}/database-direct-url`,
      migration: `${name}/database-url-migration`,
      admin: `${name}/database-url-admin`,
      redis: `${name}/redis-url`,
    },
    /** Roles have names of their own in the whole account; a region's name is added to these. The second is what the pipeline acts as. */
    pipelineRole: `${name}-pipeline`,
    deployRole: `${name}-deploy`,
    stacks: {
      data: `${name}-data`,
      service: `${name}-service`,
      registry: `${name}-registry`,
      artifacts: `${name}-artifacts`,
      pipeline: `${name}-pipeline`,
    },
  };
}

const project = (name: string, task: string) => ({ name: `${name}-${task}`, logGroup: `/${name}/${task}` });

export type Names = ReturnType<typeof namesOf>;

/** The names as taskdef.json and appspec.yaml have them: `${NAME}` is filled in with the installation's own. */
export const namesInFiles = namesOf('${NAME}');

export const container = {
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
} as const;

/** Its idle limit in seconds (the app keeps connections open for longer), and its listeners' ports with a domain (TLS) and without. */
export const loadBalancer = {
  idleTimeout: 60,
  https: { production: 443, test: 8443 },
  http: { production: 80, test: 8080 },
} as const;

/** What the app expects of its queue; the same as the emulator on a laptop. Seconds. */
export const queue = {
  visibilityTimeout: 30,
  maxReceiveCount: 50,
  retention: 14 * 86_400,
} as const;

/** The logs of the service's tasks and of migrations. */
export const logs = { streamPrefix: 'ecs', retentionDays: 30 } as const;

/** The database on its server, and its users. RDS gives the first to its administrator; the migration makes the other two. */
export const database = {
  name: 'posthorn',
  users: { admin: 'posthorn', app: 'posthorn_app', migration: 'posthorn_migration' },
} as const;

/** Metrics that the app writes into its log (embedded metric format). The dimension's value is the installation's name. */
export const metrics = {
  namespace: 'Posthorn',
  dimension: 'service',
  dueLag: 'dueLagSeconds',
  requestsShed: { queue: 'requestsShedQueue', deliveries: 'requestsShedDeliveries' },
  /** Written by the function that sends them: hooks/request-rate.mjs. */
  syntheticRequests: 'syntheticRequests',
  dependencyUp: { database: 'dependencyUpDatabase', cache: 'dependencyUpCache', queue: 'dependencyUpQueue' },
} as const;

/** What the pipeline hands from action to action. */
export const pipeline = {
  sourceArtifact: 'SourceArtifact',
  /** taskdef.json, appspec.yaml and the program that fills them in. */
  specArtifact: 'SpecArtifact',
  /** imageDetail.json. */
  imageArtifact: 'ImageArtifact',
  /** The list of what is in the image (SBOM); no action takes it. */
  supplyArtifact: 'SupplyArtifact',
  /** The stacks as they were synthesized, for each environment to deploy. */
  stacksArtifact: 'StacksArtifact',
  taskDefinitionFile: 'taskdef.json',
  appSpecFile: 'appspec.yaml',
  buildSpecFile: 'buildspec.yml',
  imageFile: 'imageDetail.json',
  fillInFile: 'fill-in.ts',
  sbomFile: 'sbom.cdx.json',
  /** In taskdef.json and appspec.yaml in angle brackets; the action fills in the image of imageDetail.json, and the revision. */
  imagePlaceholder: 'IMAGE1_NAME',
  taskDefinitionPlaceholder: 'TASK_DEFINITION',
  branch: 'main',
} as const;

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

/** Plain environment of the container. `${NAME}` stands for a variable of that name, see `releaseVariables`. */
export const environment = {
  NODE_ENV: 'production',
  PORT: String(container.port),
  ROLES: 'api,worker',
  // Nothing scrapes inside this network: the same numbers go into the log as CloudWatch metrics.
  METRICS_PORT: '0',
  LOG_LEVEL: 'info',
  SERVICE_NAME: '${NAME}',
  PUBLIC_URL: '${PUBLIC_URL}',
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
  DATABASE_URL: '${DATABASE_URL_SECRET_ARN}',
  REDIS_URL: '${REDIS_URL_SECRET_ARN}',
  JWT_SECRET: '${JWT_SECRET_ARN}',
  ENCRYPTION_KEY: '${ENCRYPTION_KEY_SECRET_ARN}',
} as const;

/**
 * What the migrate project of an environment is given, to fill into taskdef.json and appspec.yaml as `${NAME}`, and its meaning. It
 * is the environment's own project that fills in: what is of one environment stays in its account.
 */
export const releaseVariables = {
  NAME: 'Name of the installation',
  TASK_CPU: 'CPU units of the task',
  TASK_MEMORY: 'MiB of the task',
  EXECUTION_ROLE_ARN: 'Role that pulls the image, reads the secrets, and opens the log',
  TASK_ROLE_ARN: 'Role of the app itself',
  PUBLIC_URL: 'Where the API is, as customers reach it',
  QUEUE_URL: 'The queue',
  DEAD_LETTER_QUEUE_URL: 'The dead-letter queue',
  LISTENER_ARN: 'The production listener',
  DATABASE_URL_SECRET_ARN: 'Secret with DATABASE_URL',
  REDIS_URL_SECRET_ARN: 'Secret with REDIS_URL',
  JWT_SECRET_ARN: 'Secret with JWT_SECRET',
  ENCRYPTION_KEY_SECRET_ARN: 'Secret with ENCRYPTION_KEY',
  DATABASE_POOL_SIZE: 'Most database connections of a task',
  DELIVERY_CONCURRENCY: 'Most deliveries at the same time in a task',
} as const;

/** What the build project is given for buildspec.yml itself, and its meaning. */
export const buildVariables = {
  IMAGE_REPOSITORY_URI: 'ECR repository of the images; its tags can not be moved',
  SCAN_SEVERITY: 'From which severity on a finding of the image scan ends the build, or NONE',
} as const;

/** Set by CodeBuild itself. */
export const buildGiven = ['AWS_REGION', 'CODEBUILD_RESOLVED_SOURCE_VERSION', 'CODEBUILD_BUILD_SUCCEEDING'] as const;
