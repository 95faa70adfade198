import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Network } from './network.ts';
import type { TaskRoles } from './roles.ts';
import { container, health, INITIAL_TASKS, NAME } from './settings.ts';
import type { Traffic } from './traffic.ts';

/** Node itself, so that the service is steady before the first image was built. */
const STAND_IN_IMAGE = 'public.ecr.aws/docker/library/node:24-bookworm-slim';
/** 404, not 503: an alarm about server errors would stop the release that replaces it. */
const STAND_IN = `require('node:http').createServer((request, response) => {
  const well = request.url.startsWith('${health.all}');
  response.writeHead(well ? 200 : 404, { 'content-type': 'text/plain' });
  response.end(well ? 'stand-in' : 'Posthorn is not here yet: the first release is on its way.');
}).listen(${container.port}); process.on('SIGTERM', () => process.exit(0));`;

/**
 * Cluster and service. From the first release on the service's task definition is CodeDeploy's and the number of its tasks the
 * autoscaling's: ECS refuses most changes of such a service, so that its text is the same for all sizes and options.
 */
export class Service extends Construct {
  readonly cluster: ecs.Cluster;
  readonly service: ecs.CfnService;

  constructor(scope: Construct, id: string, network: Network, traffic: Traffic, roles: TaskRoles, logGroup: logs.ILogGroup) {
    super(scope, id);
    this.cluster = this.createCluster(network, roles);
    const standIn = this.standIn(roles, logGroup);
    this.service = new ecs.CfnService(this, 'Service', {
      serviceName: NAME,
      cluster: this.cluster.clusterName,
      deploymentController: { type: 'CODE_DEPLOY' },
      launchType: 'FARGATE',
      platformVersion: 'LATEST',
      desiredCount: INITIAL_TASKS,
      // By family, without a revision: a stack update must never see a difference here.
      taskDefinition: container.bootstrapFamily,
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
    this.service.node.addDependency(roles, ...network.vpc.selectSubnets({ subnetGroupName: 'tasks' }).subnets);
  }

  private createCluster(network: Network, roles: TaskRoles): ecs.Cluster {
    const sessions = new logs.LogGroup(this, 'ExecLog', {
      logGroupName: `/${NAME}/exec`,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    roles.allowSessionLog(sessions);
    return new ecs.Cluster(this, 'Cluster', {
      clusterName: NAME,
      vpc: network.vpc,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
      executeCommandConfiguration: {
        logging: ecs.ExecuteCommandLogging.OVERRIDE,
        logConfiguration: { cloudWatchLogGroup: sessions },
      },
    });
  }

  private standIn(roles: TaskRoles, logGroup: logs.ILogGroup): ecs.CfnTaskDefinition {
    return new ecs.CfnTaskDefinition(this, 'StandIn', {
      family: container.bootstrapFamily,
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
              'awslogs-group': logGroup.logGroupName,
              'awslogs-region': Aws.REGION,
              'awslogs-stream-prefix': 'stand-in',
            },
          },
        },
      ],
    });
  }
}
