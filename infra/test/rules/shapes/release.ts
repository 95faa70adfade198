import { because, rule } from '../shape.ts';
import { secret, subnets, urls, type Unit } from '../unit.ts';
import { GOES, type Shape, type Shapes } from './shape-of.ts';

const FILE = 'lib/release.ts';
const ALARMS = ['Blue', 'Green'].flatMap((colour) =>
  ['unhealthy', '5xx', 'latency'].map((what) => ({ Name: `\${ReleaseAlarmsrelease${colour.toLowerCase()}${what}}` })),
);

export function releaseShapes(it: Unit): Shapes {
  return { ...group(it), ...functions(it) };
}

function group(it: Unit): Shapes {
  const { name, environment } = it;
  const listeners = (id: string) => ({ ListenerArns: [`\${Traffic${id}Listener.Listeners.0.ListenerArn}`] });
  return {
    ReleaseApplication: {
      file: FILE,
      type: 'AWS::CodeDeploy::Application',
      why: 'The pipeline and the watcher know it by this name',
      properties: { ApplicationName: name, ComputePlatform: 'ECS' },
    },
    ReleaseGroup: {
      file: FILE,
      type: 'AWS::CodeDeploy::DeploymentGroup',
      why: 'It decides how a new version gets traffic, and what takes it back',
      properties: {
        ApplicationName: name,
        DeploymentGroupName: name,
        ServiceRoleArn: '${ReleaseRole.Arn}',
        DeploymentConfigName: environment.deploymentConfig,
        DeploymentStyle: because('CodeDeploy deploys to ECS in no other way', {
          DeploymentType: 'BLUE_GREEN',
          DeploymentOption: 'WITH_TRAFFIC_CONTROL',
        }),
        ECSServices: [{ ClusterName: name, ServiceName: name }],
        LoadBalancerInfo: {
          TargetGroupPairInfoList: [
            {
              ProdTrafficRoute: because('Callers come by this listener', listeners('Production')),
              TestTrafficRoute: because('The first hook asks green here, before it has any traffic', listeners('Test')),
              TargetGroups: [{ Name: '${TrafficBlue.TargetGroupName}' }, { Name: '${TrafficGreen.TargetGroupName}' }],
            },
          ],
        },
        BlueGreenDeploymentConfiguration: {
          DeploymentReadyOption: because('Nobody is there to click: the hooks decide', {
            ActionOnTimeout: 'CONTINUE_DEPLOYMENT',
            WaitTimeInMinutes: 0,
          }),
          TerminateBlueInstancesOnDeploymentSuccess: {
            Action: because('KEEP_ALIVE leaves the old tasks running and costing for good', 'TERMINATE'),
            TerminationWaitTimeInMinutes: environment.terminationWaitMinutes,
          },
        },
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: because('A release that fails, rings or is stopped gives the traffic back by itself', [
            'DEPLOYMENT_FAILURE',
            'DEPLOYMENT_STOP_ON_ALARM',
            'DEPLOYMENT_STOP_ON_REQUEST',
          ]),
        },
        AlarmConfiguration: {
          Enabled: true,
          IgnorePollAlarmFailure: because('A release whose alarms can not be read is a release without alarms', false),
          Alarms: because(
            'All alarms of both colours, since which one is new alternates, and none about the service as it is: one of them may be ' +
              'what the release mends. CodeDeploy takes ten',
            ALARMS,
          ),
        },
      },
    },
  };
}

interface Hook {
  /** Prefix of its ids. */
  id: string;
  file: string;
  name: string;
  description: string;
  timeout: unknown;
  environment: Record<string, unknown>;
  network: boolean;
}

function functions(it: Unit): Shapes {
  const { name } = it;
  const key = secret(it, 'ReceiverKey', 'receiver-key');
  const check = (event: string, suffix: string, url: string): Hook => ({
    id: `Release${event}`,
    file: 'release-check',
    name: `CodeDeployHook_${name}-${suffix}`,
    description: `${event}: sends a webhook through the listener and tells CodeDeploy the verdict`,
    timeout: because('The check has 90 s and the call to CodeDeploy 30 s (hooks/verdict.mjs, release-check.mjs)', 180),
    environment: {
      API_URL: because('The listener of this moment: green alone before the shift, everybody after it', url),
      RECEIVER_URL: '${ReleaseReceiverFunctionFunctionUrl.FunctionUrl}',
      JWT_SECRET_ARN: secret(it, 'JwtSecret', 'jwt-key'),
      RECEIVER_KEY_ARN: key,
      CHECK_NAME: event,
    },
    network: true,
  });
  const hooks: Hook[] = [
    {
      id: 'ReleaseReceiver',
      file: 'receiver',
      name: `${name}-release-check-receiver`,
      description: 'Receives the webhook of the release check and answers whether its signature is right',
      timeout: because('The sender gives up after 15 s', 10),
      environment: { RECEIVER_KEY_ARN: key },
      network: false,
    },
    check('AfterAllowTestTraffic', 'after-test-traffic', urls(it).test),
    check('AfterAllowTraffic', 'after-traffic', urls(it).production),
    {
      id: 'ReleaseCrashLoopWatcher',
      file: 'crash-loop-watcher',
      name: `${name}-crash-loop-watcher`,
      description: 'Stops a deployment whose green tasks crash in a loop',
      timeout: because('Five calls of at most three tries', 60),
      environment: {
        CLUSTER: name,
        SERVICE: name,
        APPLICATION: name,
        DEPLOYMENT_GROUP: name,
        CRASH_LIMIT: because(
          'Fewer stop a release for one bad host, more let it crash for long',
          rule('from "2" to "5"', (v) => /^[2-5]$/.test(v)),
        ),
      },
      network: false,
    },
  ];
  return {
    ...Object.assign({}, ...hooks.map((hook) => withLog(it, hook))),
    ...receiverUrl(),
    AWS679f53fac002430cb0da5b7982bd2287: listenerFunction(),
  };
}

export function withLog(it: Unit, hook: Hook): Shapes {
  const log: Shape = {
    file: 'lib/functions.ts',
    type: 'AWS::Logs::LogGroup',
    why: 'A release is looked into weeks later',
    properties: { LogGroupName: `/aws/lambda/${hook.name}`, RetentionInDays: 90 },
    when: GOES,
  };
  return { [`${hook.id}Function`]: functionShape(it, hook), [`${hook.id}Log`]: log };
}

export const CODE = {
  S3Bucket: rule("the CDK's bucket", (value) => value.startsWith('cdk-hnb659fds-assets-')),
  S3Key: rule('an asset', (value) => /^[0-9a-f]{64}\.zip$/.test(value)),
};

function functionShape(it: Unit, { id, file, name, description, timeout, environment, network }: Hook): Shape {
  return {
    file: `${FILE} and lib/functions.ts`,
    type: 'AWS::Lambda::Function',
    why: 'CodeDeploy waits for an hour for a hook that can not run, and nobody stops a crash loop without the watcher',
    properties: {
      FunctionName: name,
      Description: description,
      Code: CODE,
      Handler: because('The file in hooks/ that exports it', `${file}.handler`),
      Runtime: because("The project's own Node (engines in package.json)", 'nodejs24.x'),
      Architectures: ['arm64'],
      MemorySize: because('128 MB has a tenth of a core: the SDK alone takes seconds to load', 256),
      Timeout: timeout,
      Environment: { Variables: environment },
      LoggingConfig: { LogGroup: `\${${id}Log}` },
      Role: `\${${id}Role.Arn}`,
      VpcConfig: network
        ? because('The test listener lets in only what comes from our NAT gateways: subnets without NAT reach nothing', {
            SubnetIds: subnets(it, 'tasks'),
            SecurityGroupIds: ['${NetworkHook.GroupId}'],
          })
        : undefined,
    },
  };
}

/** The function of the CDK's library that makes the listeners. */
function listenerFunction(): Shape {
  return {
    file: 'lib/release-listener.ts',
    type: 'AWS::Lambda::Function',
    why: 'It makes and changes the listeners',
    properties: {
      Code: CODE,
      Handler: 'index.handler',
      LoggingConfig: { LogGroup: '${ReleaseListenerLog}' },
      Role: '${AWS679f53fac002430cb0da5b7982bd2287ServiceRole.Arn}',
      Runtime: rule('nodejs22.x or nodejs24.x', (value) => /^nodejs2[24]\.x$/.test(value)),
      Timeout: because('A call to the load balancer takes seconds; CloudFormation waits for an hour for an answer', 120),
    },
  };
}

function receiverUrl(): Shapes {
  const why = 'Webhooks come without credentials of AWS; what it answers is only whether a signature is right';
  const permission = (properties: Record<string, unknown>): Shape => ({
    file: FILE,
    type: 'AWS::Lambda::Permission',
    why,
    properties: { FunctionName: '${ReleaseReceiverFunction.Arn}', Principal: '*', ...properties },
  });
  return {
    ReleaseReceiverFunctionFunctionUrl: {
      file: FILE,
      type: 'AWS::Lambda::Url',
      why,
      properties: { AuthType: 'NONE', TargetFunctionArn: '${ReleaseReceiverFunction.Arn}' },
    },
    ReleaseReceiverFunctioninvokefunctionurl: permission({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
    ReleaseReceiverFunctioninvokefunction: permission({ Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
  };
}
