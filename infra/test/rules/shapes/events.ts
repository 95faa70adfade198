import { because } from '../shape.ts';
import { arn, secret, urls, type Unit } from '../unit.ts';
import { withLog } from './release.ts';
import type { Shape, Shapes } from './shape-of.ts';

const FILE = 'lib/release.ts';

/** What is called by events: the watcher with each stopped task, the synthetic traffic each minute. */
export function eventShapes(it: Unit): Shapes {
  return { ...watching(it), ...(it.environment.syntheticTraffic ? traffic(it) : {}) };
}

function watching(it: Unit): Shapes {
  const { name } = it;
  return {
    ReleaseTaskStopped: {
      file: FILE,
      type: 'AWS::Events::Rule',
      why: 'A pattern that nothing matches is a watcher that never looks',
      properties: {
        Description: 'A task of the service stopped',
        State: 'ENABLED',
        EventPattern: {
          source: ['aws.ecs'],
          'detail-type': ['ECS Task State Change'],
          detail: {
            clusterArn: because('Events have the ARN of the cluster, not its name', [arn('ecs', `cluster/${name}`)]),
            group: because('"service:" and its name, as ECS writes it', [`service:${name}`]),
            lastStatus: ['STOPPED'],
          },
        },
        Targets: [
          {
            Arn: '${ReleaseCrashLoopWatcherFunction.Arn}',
            Id: 'Target0',
            RetryPolicy: because('Later than ten minutes the deployment is over', {
              MaximumEventAgeInSeconds: 600,
              MaximumRetryAttempts: 3,
            }),
          },
        ],
      },
    },
    ...permission(it, FILE, 'ReleaseTaskStopped', 'ReleaseCrashLoopWatcherFunction'),
  };
}

/** Its id is made up by the CDK, of the ids of rule and function. */
function permission({ resources }: Unit, file: string, rule: string, called: string): Shapes {
  const id = Object.keys(resources).find((one) => one.startsWith(`${rule}AllowEventRule`)) ?? `${rule}AllowEventRule`;
  const shape: Shape = {
    file,
    type: 'AWS::Lambda::Permission',
    why: 'Without it EventBridge may not call the function',
    properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: `\${${called}.Arn}`,
      Principal: 'events.amazonaws.com',
      SourceArn: `\${${rule}.Arn}`,
    },
  };
  return { [id]: shape };
}

function traffic(it: Unit): Shapes {
  const { name, environment } = it;
  const file = 'lib/synthetic-traffic.ts';
  const once = { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 };
  const why = 'The next minute is the next try: a repeated call would send twice as much';
  return {
    ...withLog(it, {
      id: 'SyntheticTrafficSender',
      file: 'synthetic-traffic',
      name: `${name}-synthetic-traffic`,
      description: 'Sends requests through the production listener during a release, if the service has too few',
      timeout: because('A run of a minute, 30 s for its last answers, and what it writes down', 120),
      environment: {
        API_URL: because('The alarms see what comes by the production listener', urls(it).production),
        RECEIVER_URL: '${ReleaseReceiverFunctionFunctionUrl.FunctionUrl}',
        JWT_SECRET_ARN: secret(it, 'JwtSecret', 'jwt-key'),
        RECEIVER_KEY_ARN: secret(it, 'ReceiverKey', 'receiver-key'),
        APPLICATION: name,
        DEPLOYMENT_GROUP: name,
        LOAD_BALANCER: '${TrafficLoadBalancer.LoadBalancerFullName}',
        TARGET_GROUPS: because(
          'Requests of others are those of both colours',
          '${TrafficBlue.TargetGroupFullName},${TrafficGreen.TargetGroupFullName}',
        ),
        METRIC_NAMESPACE: 'Posthorn',
        METRIC_SERVICE: name,
        REQUESTS_PER_SECOND: String(environment.syntheticTraffic!.requestsPerSecond),
      },
      network: true,
    }),
    SyntheticTrafficSenderFunctionEventInvokeConfig: {
      file,
      type: 'AWS::Lambda::EventInvokeConfig',
      why,
      properties: { FunctionName: '${SyntheticTrafficSenderFunction}', Qualifier: '$LATEST', ...once },
    },
    SyntheticTrafficEveryMinute: {
      file,
      type: 'AWS::Events::Rule',
      why,
      properties: {
        Description: 'Synthetic traffic: is a deployment under way?',
        ScheduleExpression: because('A run sends for a minute', 'rate(1 minute)'),
        State: 'ENABLED',
        Targets: [{ Arn: '${SyntheticTrafficSenderFunction.Arn}', Id: 'Target0', RetryPolicy: once }],
      },
    },
    ...permission(it, file, 'SyntheticTrafficEveryMinute', 'SyntheticTrafficSenderFunction'),
  };
}
