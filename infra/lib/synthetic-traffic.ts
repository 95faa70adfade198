import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AppSecrets } from './app-secrets.ts';
import { HookFunction } from './functions.ts';
import type { Network } from './network.ts';
import type { Release } from './release.ts';
import { allow, secretArn } from './roles.ts';
import { metrics, type Names } from './settings.ts';
import type { Traffic } from './traffic.ts';

export interface SyntheticTrafficParts {
  names: Names;
  network: Network;
  traffic: Traffic;
  secrets: AppSecrets;
  release: Release;
  requestsPerSecond: number;
}

/**
 * A small steady stream of requests during a release, so that the alarms have something to see on a quiet service. A schedule calls the
 * function every minute; it sends only while a deployment is under way and others send less than `requestsPerSecond`.
 *
 * Why 5 a second is enough. A run sends for 50 to 60 seconds of its minute, so 250 to 300 requests a minute:
 * - In the canary green gets a tenth: 25 or more. The alarm about errors wants 5 a minute and over 5 %, two minutes of three. A green that fails
 *   all requests, all messages (half of the requests), or only every third request, gets there within the five minutes.
 * - After the shift green gets all of them. The alarm about latency wants three minutes with 200 samples each (10 / (1 - 0.95)), and has them
 *   while blue can still take the traffic back. In the canary it has too few: a slow green is then found after the shift.
 *
 * Half of the requests are messages: about 3,750 in a release of 25 minutes. A deployment gets no more after three hours, so 27,000 is the most.
 */
export class SyntheticTraffic extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, parts: SyntheticTrafficParts) {
    super(scope, id);
    const { sender, secrets } = parts.names;
    const { vpc, hook } = parts.network;
    this.function = new HookFunction(this, 'Sender', {
      file: 'synthetic-traffic',
      functionName: sender,
      description: 'Sends requests through the production listener during a release, if the service has too few',
      timeout: Duration.minutes(2),
      environment: environmentOf(parts),
      statements: [
        allow(['codedeploy:ListDeployments'], [parts.release.groupArn]),
        allow(['cloudwatch:GetMetricData'], ['*']),
        allow(['cloudwatch:PutMetricData'], ['*'], { StringEquals: { 'cloudwatch:namespace': metrics.namespace } }),
        allow(['secretsmanager:GetSecretValue'], [secrets.jwtSecret, secrets.receiverKey].map(secretArn)),
      ],
      network: { vpc, securityGroup: hook },
    }).function;
    // The next minute is the next try: a repeated call would only send twice as much.
    const once = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };
    this.function.configureAsyncInvoke(once);
    new events.Rule(this, 'EveryMinute', {
      description: 'Synthetic traffic: is a deployment under way?',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [new targets.LambdaFunction(this.function, once)],
    });
  }
}

function environmentOf(parts: SyntheticTrafficParts): Record<string, string> {
  const { names, traffic, secrets, release, requestsPerSecond } = parts;
  return {
    API_URL: traffic.productionUrl,
    RECEIVER_URL: release.receiverUrl,
    JWT_SECRET_ARN: secrets.jwtSecret.secretArn,
    RECEIVER_KEY_ARN: secrets.receiverKey.secretArn,
    APPLICATION: names.name,
    DEPLOYMENT_GROUP: names.name,
    LOAD_BALANCER: traffic.loadBalancer.loadBalancerFullName,
    TARGET_GROUPS: [traffic.blue, traffic.green].map((group) => group.attrTargetGroupFullName).join(','),
    METRIC_NAMESPACE: metrics.namespace,
    METRIC_SERVICE: names.name,
    REQUESTS_PER_SECOND: String(requestsPerSecond),
  };
}
