import { Aws } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { AppLogs } from './app-logs.ts';
import type { Network } from './network.ts';
import type { TaskRoles } from './roles.ts';
import { container, health, type Names } from './settings.ts';
import { INITIAL_TASKS } from './sizes.ts';
import type { Traffic } from './traffic.ts';

/** Node itself, so that the service is steady before the first image was built. */
const STAND_IN_IMAGE = 'public.ecr.aws/docker/library/node:24-bookworm-slim';
/** 404, not 503: an alarm about server errors would stop the release that replaces it. */
const STAND_IN = `require('node:http').createServer((request, response) => {
  const well = request.url.startsWith('${health.all}');
  response.writeHead(well ? 200 : 404, { 'content-type': 'text/plain' });
  response.end(well ? 'stand-in' : 'Posthorn is not here yet: the first release is on its way.');
}).listen(${container.port}); process.on('SIGTERM', () => process.exit(0));`;

export interface ServiceParts {
  names: Names;
  network: Network;
  traffic: Traffic;
  roles: TaskRoles;
  logs: AppLogs;
}

/**
 * Cluster and service. From the first release on the service's task definition is CodeDeploy's and the number of its tasks the
 * autoscaling's: ECS refuses most changes of such a service, so that its text is the same for all sizes and options.
 */
export class Service extends Construct {
  readonly cluster: ecs.Cluster;
  readonly service: ecs.CfnService;

  constructor(scope: Construct, id: string, { names, network, traffic, roles, logs }: ServiceParts) {
    super(scope, id);
    this.cluster = this.createCluster(names, network, logs);
    const standIn = this.standIn(names, roles, logs);
    this.service = new ecs.CfnService(this, 'Service', {
      serviceName: names.name,
      cluster: this.cluster.clusterName,
      deploymentController: { type: 'CODE_DEPLOY' },
      launchType: 'FARGATE',
      platformVersion: 'LATEST',
      desiredCount: INITIAL_TASKS,
      // By family, without a revision: a stack update must never see a difference here.
      taskDefinition: names.bootstrapFamily,
      loadBalancers: [{ containerName: container.name, containerPort: container.port, targetGroupArn: traffic.blue.ref }],
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: network.vpc.selectSubnets({ subnetGroupName: 'tasks' }).subnetIds,
          securityGroups: [network.task.securityGroupId],
          assignPublicIp: 'DISABLED',
        },
      },
      healthCheckGracePeriodSeconds: 120,
      enableExecuteCommand: true,
      enableEcsManagedTags: true,
      propagateTags: 'TASK_DEFINITION',
    });
    this.service.addResourceDependency(standIn);
    this.service.node.addDependency(traffic.production, traffic.test);
    // The first tasks start with the service. Without these they fail, and ECS tries again later and later.
    this.service.node.addDependency(roles);
  }

  private createCluster(names: Names, network: Network, { exec }: AppLogs): ecs.Cluster {
    return new ecs.Cluster(this, 'Cluster', {
      clusterName: names.name,
      vpc: network.vpc,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
      executeCommandConfiguration: {
        logging: ecs.ExecuteCommandLogging.OVERRIDE,
        logConfiguration: { cloudWatchLogGroup: exec },
      },
    });
  }

  private standIn(names: Names, roles: TaskRoles, { app }: AppLogs): ecs.CfnTaskDefinition {
    return new ecs.CfnTaskDefinition(this, 'StandIn', {
      family: names.bootstrapFamily,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      runtimePlatform: { cpuArchitecture: container.cpuArchitecture, operatingSystemFamily: container.operatingSystem },
      executionRoleArn: roles.execution.roleArn,
      containerDefinitions: [
        {
          name: container.name,
          image: STAND_IN_IMAGE,
          essential: true,
          entryPoint: ['node', '-e', STAND_IN],
          user: 'node',
          readonlyRootFilesystem: true,
          portMappings: [{ containerPort: container.port, protocol: 'tcp' }],
          linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': app.logGroupName,
              'awslogs-region': Aws.REGION,
              'awslogs-stream-prefix': 'stand-in',
            },
          },
        },
      ],
    });
  }
}
