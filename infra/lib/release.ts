import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AppSecrets } from './app-secrets.ts';
import { HookFunction } from './functions.ts';
import type { Network } from './network.ts';
import type { EnvironmentOptions } from './environment-options.ts';
import { listenerArns } from './release-listener.ts';
import { allow, arnOf, passRoles, secretArn, serviceArns, serviceFor, type TaskRoles } from './roles.ts';
import type { Service } from './service.ts';
import type { Store } from './store.ts';
import type { Names } from './settings.ts';
import type { Traffic } from './traffic.ts';

/**
 * CodeDeploy's guide gives these actions the ARN of the deployment group. The service authorization reference gives them no resource,
 * and then IAM only grants them on all: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html
 */
const ANY_DEPLOYMENT = '*';

/** Tasks of green that may crash before its deployment is stopped. */
const CRASH_LIMIT = 3;

export interface ReleaseParts {
  names: Names;
  network: Network;
  traffic: Traffic;
  service: Service;
  roles: TaskRoles;
  secrets: AppSecrets;
  /** Any of them stops a release and takes the traffic back. */
  alarms: cloudwatch.IAlarm[];
  store: Store;
  options: EnvironmentOptions;
}

/** How a new version takes over: CodeDeploy, what it calls to judge green, and what stops a green that crashes in a loop. */
export class Release extends Construct {
  readonly groupArn: string;
  readonly group: codedeploy.CfnDeploymentGroup;
  /** Every function in here, for the alarms. */
  readonly functions: lambda.Function[];
  /** Where a webhook is received and its signature checked. */
  readonly receiverUrl: string;

  constructor(scope: Construct, id: string, parts: ReleaseParts) {
    super(scope, id);
    const { name } = parts.names;
    this.groupArn = arnOf('codedeploy', `deploymentgroup:${name}/${name}`);
    const application = new codedeploy.CfnApplication(this, 'Application', { applicationName: name, computePlatform: 'ECS' });
    const { role, policy } = this.serviceRole(parts);
    this.group = new codedeploy.CfnDeploymentGroup(this, 'Group', groupSettings(parts, role));
    this.group.addResourceDependency(application);
    this.group.node.addDependency(policy);
    this.group.addResourceDependency(parts.service.service);

    const receiver = this.receiver(parts);
    this.receiverUrl = receiver.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }).url;
    this.functions = [
      receiver,
      this.hook('AfterAllowTestTraffic', parts.traffic.testUrl, this.receiverUrl, parts),
      this.hook('AfterAllowTraffic', parts.traffic.productionUrl, this.receiverUrl, parts),
      this.watcher(parts.names),
    ];
  }

  private serviceRole({ names, roles, store, options }: ReleaseParts): { role: iam.Role; policy: iam.Policy } {
    const role = new iam.Role(this, 'Role', {
      description: 'CodeDeploy: makes green, moves the listeners, asks the hooks',
      assumedBy: serviceFor('codedeploy', this.groupArn),
    });
    const { cluster, service, taskSets } = serviceArns(names.name);
    const prefix = 'elasticloadbalancing:';
    const policy = new iam.Policy(this, 'RolePolicy', {
      roles: [role],
      statements: [
        allow(['ecs:DescribeServices', 'ecs:UpdateServicePrimaryTaskSet'], [service]),
        // Older editions of AWS's reference give it no resource, newer ones the task set: this is right for both.
        allow(['ecs:CreateTaskSet'], ['*'], { ArnEquals: { 'ecs:cluster': cluster } }),
        allow(['ecs:DeleteTaskSet'], [taskSets]),
        allow([`${prefix}DescribeTargetGroups`, `${prefix}DescribeListeners`, `${prefix}DescribeRules`], ['*']),
        allow([`${prefix}ModifyListener`], [listenerArns(names.name)]),
        allow([`${prefix}ModifyRule`], [arnOf('elasticloadbalancing', `listener-rule/app/${names.name}/*`)]),
        allow(
          ['lambda:InvokeFunction'],
          Object.values(names.hooks).map((name) => arnOf('lambda', `function:${name}`)),
        ),
        allow(['cloudwatch:DescribeAlarms'], ['*']),
        ...store.readStatements(options.place),
        passRoles(roles.execution, roles.task),
      ],
    });
    return { role, policy };
  }

  /** Answers the webhook of the check. Public, since that is what webhooks reach; it only ever says whether a signature is right. */
  private receiver({ names, secrets }: ReleaseParts): lambda.Function {
    return new HookFunction(this, 'Receiver', {
      file: 'receiver',
      functionName: names.receiver,
      description: 'Receives the webhook of the release check and answers whether its signature is right',
      timeout: Duration.seconds(10),
      environment: { RECEIVER_KEY_ARN: secrets.receiverKey.secretArn },
      statements: [allow(['secretsmanager:GetSecretValue'], [secretArn(names.secrets.receiverKey)])],
    }).function;
  }

  private hook(
    event: keyof Names['hooks'],
    apiUrl: string,
    receiverUrl: string,
    { names, network, secrets }: ReleaseParts,
  ): lambda.Function {
    const { jwtSecret, receiverKey } = secrets;
    return new HookFunction(this, event, {
      file: 'release-check',
      functionName: names.hooks[event],
      description: `${event}: sends a webhook through the listener and tells CodeDeploy the verdict`,
      timeout: Duration.minutes(3),
      environment: {
        API_URL: apiUrl,
        RECEIVER_URL: receiverUrl,
        JWT_SECRET_ARN: jwtSecret.secretArn,
        RECEIVER_KEY_ARN: receiverKey.secretArn,
        CHECK_NAME: event,
      },
      statements: [
        allow(['codedeploy:PutLifecycleEventHookExecutionStatus'], [ANY_DEPLOYMENT]),
        allow(['secretsmanager:GetSecretValue'], [names.secrets.jwtSecret, names.secrets.receiverKey].map(secretArn)),
      ],
      network: { vpc: network.vpc, securityGroup: network.hook },
    }).function;
  }

  private watcher({ name, watcher: functionName }: Names): lambda.Function {
    const { cluster, service } = serviceArns(name);
    const inCluster = { ArnEquals: { 'ecs:cluster': cluster } };
    const watcher = new HookFunction(this, 'CrashLoopWatcher', {
      file: 'crash-loop-watcher',
      functionName,
      description: 'Stops a deployment whose green tasks crash in a loop',
      timeout: Duration.seconds(60),
      environment: {
        CLUSTER: name,
        SERVICE: name,
        APPLICATION: name,
        DEPLOYMENT_GROUP: name,
        CRASH_LIMIT: String(CRASH_LIMIT),
      },
      statements: [
        allow(['ecs:DescribeServices'], [service]),
        allow(['ecs:ListTasks'], ['*'], inCluster),
        allow(['ecs:DescribeTasks'], [arnOf('ecs', `task/${name}/*`)]),
        allow(['codedeploy:ListDeployments'], [this.groupArn]),
        allow(['codedeploy:StopDeployment'], [ANY_DEPLOYMENT]),
      ],
    });
    new events.Rule(this, 'TaskStopped', {
      description: 'A task of the service stopped',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: { clusterArn: [cluster], group: [`service:${name}`], lastStatus: ['STOPPED'] },
      },
      targets: [new targets.LambdaFunction(watcher.function, { retryAttempts: 3, maxEventAge: Duration.minutes(10) })],
    });
    return watcher.function;
  }
}

function groupSettings(
  { names: { name }, traffic, alarms, options }: ReleaseParts,
  role: iam.Role,
): codedeploy.CfnDeploymentGroupProps {
  const { blue, green, production, test } = traffic;
  return {
    applicationName: name,
    deploymentGroupName: name,
    serviceRoleArn: role.roleArn,
    deploymentConfigName: options.deploymentConfig,
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    ecsServices: [{ clusterName: name, serviceName: name }],
    loadBalancerInfo: {
      targetGroupPairInfoList: [
        {
          prodTrafficRoute: { listenerArns: [production.listenerArn] },
          testTrafficRoute: { listenerArns: [test.listenerArn] },
          targetGroups: [{ name: blue.attrTargetGroupName }, { name: green.attrTargetGroupName }],
        },
      ],
    },
    blueGreenDeploymentConfiguration: {
      deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 0 },
      terminateBlueInstancesOnDeploymentSuccess: {
        action: 'TERMINATE',
        terminationWaitTimeInMinutes: options.terminationWaitMinutes,
      },
    },
    autoRollbackConfiguration: {
      enabled: true,
      events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
    },
    alarmConfiguration: {
      enabled: true,
      ignorePollAlarmFailure: false,
      alarms: alarms.map(({ alarmName }) => ({ name: alarmName })),
    },
  };
}
