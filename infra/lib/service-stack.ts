import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FunctionAlarm, ReleaseAlarms, ServiceAlarms } from './alarms.ts';
import { Dashboard } from './dashboard.ts';
import type { DataStack } from './data-stack.ts';
import { Deployment } from './deployment.ts';
import type { EnvironmentOptions } from './environment-options.ts';
import { Firewall } from './firewall.ts';
import { Metrics } from './metrics.ts';
import { Notifications } from './notifications.ts';
import { Release } from './release.ts';
import { TaskRoles } from './roles.ts';
import { Scaling } from './scaling.ts';
import { Service } from './service.ts';
import type { Names, releaseVariables } from './settings.ts';
import { sizes } from './sizes.ts';
import type { Store } from './store.ts';
import { SyntheticTraffic } from './synthetic-traffic.ts';
import { Traffic } from './traffic.ts';

export interface ServiceStackParts {
  names: Names;
  options: EnvironmentOptions;
  data: DataStack;
  store: Store;
}

/** The service of one environment, in the order in which its parts need each other. It holds no data: it can go and come again. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { names, options, data, store }: ServiceStackParts, props: StackProps = {}) {
    super(scope, id, { terminationProtection: true, description: 'Posthorn: service', ...props });
    const { network, secrets, queues, logs, database, cache } = data;
    const { name } = names;
    const size = sizes[options.size];
    const notifications = new Notifications(this, 'Notifications', name, options.alarmEmail);
    notifications.failedDeployment(name);

    const traffic = new Traffic(this, 'Traffic', { names, network, options, accessLog: logs.access });
    const roles = new TaskRoles(this, 'Roles', {
      names,
      repositoryArn: store.repositoryArn,
      queues,
      kmsKeyArn: options.kmsKeyArn,
    });
    const service = new Service(this, 'Service', { names, network, traffic, roles, logs });

    const metrics = new Metrics({ name, traffic, queues, database, cache });
    const alarms = { name, metrics, topic: notifications.topic };
    const releaseAlarms = new ReleaseAlarms(this, 'ReleaseAlarms', alarms).alarms;
    new ServiceAlarms(this, 'ServiceAlarms', alarms, size);
    new Dashboard(this, 'Dashboard', name, metrics, releaseAlarms);
    new Scaling(this, 'Scaling', { name, service, metrics, size, cpuScaling: options.cpuScaling });
    if (options.waf) new Firewall(this, 'Firewall', name, traffic, options.waf.requestsPer5Minutes);

    const release = new Release(this, 'Release', {
      names,
      network,
      traffic,
      service,
      roles,
      secrets,
      alarms: releaseAlarms,
      store,
      options,
    });
    const functions = [...release.functions];
    if (options.syntheticTraffic) {
      const parts = { names, network, traffic, secrets, release, ...options.syntheticTraffic };
      functions.push(new SyntheticTraffic(this, 'SyntheticTraffic', parts).function);
    }
    new FunctionAlarm(this, 'FunctionAlarm', alarms, functions);
    new Deployment(this, 'Deployment', {
      names,
      options,
      store,
      network,
      roles,
      variables: releaseValues({ names, options, data, store }, roles, traffic),
      migrationUrls: {
        app: database.migrationUrls.app.secretArn,
        migration: database.migrationUrls.migration.secretArn,
        admin: database.migrationUrls.admin.secretArn,
      },
      url: traffic.productionUrl,
      port: traffic.productionPort,
    });

    new CfnOutput(this, 'Url', { value: traffic.productionUrl, description: 'Where the API is' });
  }
}

/** What is filled into the task definition. */
function releaseValues(
  { names, options, data }: ServiceStackParts,
  roles: TaskRoles,
  traffic: Traffic,
): Record<keyof typeof releaseVariables, string> {
  const size = sizes[options.size];
  const { queues, database, cache, secrets } = data;
  return {
    NAME: names.name,
    TASK_CPU: String(size.cpu),
    TASK_MEMORY: String(size.memory),
    EXECUTION_ROLE_ARN: roles.execution.roleArn,
    TASK_ROLE_ARN: roles.task.roleArn,
    PUBLIC_URL: traffic.productionUrl,
    QUEUE_URL: queues.main.queueUrl,
    DEAD_LETTER_QUEUE_URL: queues.deadLetter.queueUrl,
    LISTENER_ARN: traffic.production.listenerArn,
    DATABASE_URL_SECRET_ARN: database.url.secretArn,
    REDIS_URL_SECRET_ARN: cache.url.secretArn,
    JWT_SECRET_ARN: secrets.jwtSecret.secretArn,
    ENCRYPTION_KEY_SECRET_ARN: secrets.encryptionKey.secretArn,
    DATABASE_POOL_SIZE: String(size.poolSize),
    DELIVERY_CONCURRENCY: String(size.deliveryConcurrency),
  };
}
