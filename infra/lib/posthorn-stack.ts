import { CfnOutput, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { FunctionAlarm, ReleaseAlarms, ServiceAlarms } from './alarms.ts';
import { AppSecrets } from './app-secrets.ts';
import { Buckets } from './buckets.ts';
import { Builds } from './builds.ts';
import { Cache } from './cache.ts';
import { Dashboard } from './dashboard.ts';
import { Database } from './database.ts';
import { Firewall } from './firewall.ts';
import { Metrics } from './metrics.ts';
import { Network } from './network.ts';
import { Notifications } from './notifications.ts';
import type { Options } from './options.ts';
import { Pipeline } from './pipeline.ts';
import { Queues } from './queues.ts';
import { Registry } from './registry.ts';
import { Release } from './release.ts';
import { TaskRoles } from './roles.ts';
import { Scaling } from './scaling.ts';
import { Service } from './service.ts';
import {
  type buildVariables,
  logs as logSettings,
  MIGRATION_URL_SECRET,
  secrets as appSecrets,
  sizes,
  type Size,
} from './settings.ts';
import { Traffic } from './traffic.ts';

/** Everything of one installation, in the order in which its parts need each other. What holds data is kept when the stack goes. */
export class PosthornStack extends Stack {
  constructor(scope: Construct, id: string, options: Options, props: StackProps = {}) {
    super(scope, id, { terminationProtection: true, description: 'Posthorn: webhook delivery', ...props });
    const size = sizes[options.size];
    const buckets = new Buckets(this, 'Buckets');
    const { topic } = new Notifications(this, 'Notifications', options.alarmEmail);
    const network = new Network(this, 'Network', size, options.zones);

    const secrets = new AppSecrets(this, 'Secrets');
    const database = new Database(this, 'Database', network, size, options.databaseProxy);
    const cache = new Cache(this, 'Cache', network, size);
    const queues = new Queues(this, 'Queues');
    const registry = new Registry(this, 'Registry');
    const logGroup = appLog(this);

    const traffic = new Traffic(this, 'Traffic', network, options, buckets.logs);
    const secretNames = [...Object.values(appSecrets).map(({ name }) => name), MIGRATION_URL_SECRET];
    const roles = new TaskRoles(this, 'Roles', { images: registry.images, logGroup, secretNames, queues });
    const service = new Service(this, 'Service', network, traffic, roles, logGroup);

    const metrics = new Metrics({ traffic, queues, database, cache });
    const { alarms } = new ReleaseAlarms(this, 'ReleaseAlarms', metrics, topic);
    new ServiceAlarms(this, 'ServiceAlarms', metrics, size, topic);
    new Dashboard(this, 'Dashboard', metrics, alarms);
    new Scaling(this, 'Scaling', service, metrics, size, options);
    if (options.waf) new Firewall(this, 'Firewall', traffic, options.waf.requestsPer5Minutes);

    const { artifacts } = buckets;
    const release = new Release(this, 'Release', { network, traffic, service, roles, secrets, alarms, artifacts, options });
    new FunctionAlarm(this, 'FunctionAlarm', metrics, release.functions, topic);
    const variables = buildValues({ size, roles, queues, traffic, database, cache, secrets, registry });
    const migrationUrlArn = database.migrationUrl.secretArn;
    const builds = new Builds(this, 'Builds', { artifacts, registry, roles, network, logGroup, migrationUrlArn, variables });
    const pipeline = new Pipeline(this, 'Pipeline', { options, artifacts, builds, roles, topic });
    pipeline.node.addDependency(release.group);

    new CfnOutput(this, 'Url', { value: traffic.productionUrl, description: 'Where the API is' });
    new CfnOutput(this, 'OutgoingAddresses', {
      value: Fn.join(',', network.natAddresses),
      description: 'Where webhooks come from: for the allow lists of those who receive them',
    });
    new CfnOutput(this, 'Connection', { value: pipeline.connectionArn, description: 'Has to be approved once, if it is new' });
  }
}

function appLog(scope: Construct): logs.LogGroup {
  return new logs.LogGroup(scope, 'AppLog', {
    logGroupName: logSettings.group,
    retention: logSettings.retentionDays,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}

interface ValueSources {
  size: Size;
  roles: TaskRoles;
  queues: Queues;
  traffic: Traffic;
  database: Database;
  cache: Cache;
  secrets: AppSecrets;
  registry: Registry;
}

/** What the build fills into the task definition, and where it pushes to. */
function buildValues(from: ValueSources): Record<keyof typeof buildVariables, string> {
  const { size, roles, queues, traffic, database, cache, secrets, registry } = from;
  return {
    TASK_CPU: String(size.cpu),
    TASK_MEMORY: String(size.memory),
    EXECUTION_ROLE_ARN: roles.execution.roleArn,
    TASK_ROLE_ARN: roles.task.roleArn,
    QUEUE_URL: queues.main.queueUrl,
    DEAD_LETTER_QUEUE_URL: queues.deadLetter.queueUrl,
    LISTENER_ARN: traffic.production.listenerArn,
    DATABASE_URL_SECRET_ARN: database.url.secretArn,
    REDIS_URL_SECRET_ARN: cache.url.secretArn,
    JWT_SECRET_ARN: secrets.jwtSecret.secretArn,
    ENCRYPTION_KEY_SECRET_ARN: secrets.encryptionKey.secretArn,
    DATABASE_POOL_SIZE: String(size.poolSize),
    DELIVERY_CONCURRENCY: String(size.deliveryConcurrency),
    IMAGE_REPOSITORY_URI: registry.images.repositoryUri,
    CACHE_REPOSITORY_URI: registry.cache.repositoryUri,
  };
}
