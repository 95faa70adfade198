import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  PhysicalResourceId,
  PhysicalResourceIdReference,
} from 'aws-cdk-lib/custom-resources';
import { Stack } from 'aws-cdk-lib';
import { Construct, type IDependable } from 'constructs';
import { allow, arnOf } from './roles.ts';

export interface ListenerSettings {
  /** The load balancer's. */
  name: string;
  loadBalancerArn: string;
  /** Where traffic goes before the first release. */
  firstTargetGroupArn: string;
  /** Where it goes after a release. It can't be deleted before the listener, which CloudFormation would not know otherwise. */
  otherTargetGroup: IDependable;
  port: number;
  protocol: 'HTTP' | 'HTTPS';
  tls: { certificateArn: string; policy: string } | null;
}

/**
 * A listener whose target groups belong to CodeDeploy. CloudFormation would write its own idea of them with each change of the
 * listener, and again when a failed update is rolled back, which after a release means: all traffic to an empty target group. So
 * it is made by a call of its own, with the first target group; every later change is a ModifyListener without any action.
 */
export class ReleaseListener extends Construct {
  readonly listenerArn: string;

  constructor(scope: Construct, id: string, settings: ListenerSettings) {
    super(scope, id);
    const { name, loadBalancerArn, firstTargetGroupArn, otherTargetGroup, port, protocol, tls } = settings;
    const changeable = {
      Port: port,
      Protocol: protocol,
      ...(tls ? { SslPolicy: tls.policy, Certificates: [{ CertificateArn: tls.certificateArn }] } : {}),
    };
    const own = new PhysicalResourceIdReference();
    const call = (action: string, parameters: Record<string, unknown>) => ({
      service: 'elastic-load-balancing-v2',
      action,
      parameters,
      outputPaths: ['Listeners.0.ListenerArn'],
    });
    const resource = new AwsCustomResource(this, 'Listener', {
      resourceType: 'Custom::ReleaseListener',
      onCreate: {
        ...call('CreateListener', {
          LoadBalancerArn: loadBalancerArn,
          ...changeable,
          DefaultActions: [{ Type: 'forward', TargetGroupArn: firstTargetGroupArn }],
        }),
        physicalResourceId: PhysicalResourceId.fromResponse('Listeners.0.ListenerArn'),
      },
      onUpdate: {
        ...call('ModifyListener', { ListenerArn: own, ...changeable }),
        physicalResourceId: PhysicalResourceId.fromResponse('Listeners.0.ListenerArn'),
      },
      onDelete: {
        ...call('DeleteListener', { ListenerArn: own }),
        outputPaths: undefined,
        ignoreErrorCodesMatching: 'ListenerNotFound',
      },
      policy: AwsCustomResourcePolicy.fromStatements(statements(name)),
      installLatestAwsSdk: false,
      timeout: Duration.minutes(2),
      logGroup: logGroupOf(this),
    });
    // Of the listener alone: its policy should wait for nothing.
    resource.node.findChild('Resource').node.addDependency(otherTargetGroup);
    this.listenerArn = resource.getResponseField('Listeners.0.ListenerArn');
  }
}

/** ARN pattern of the listeners of the load balancer of this name. */
export function listenerArns(name: string): string {
  return arnOf('elasticloadbalancing', `listener/app/${name}/*`);
}

/**
 * By pattern, so that CloudFormation makes the policy minutes before the first call and not seconds: a policy takes a while until
 * IAM applies it everywhere, and the function does not try again.
 */
function statements(name: string): iam.PolicyStatement[] {
  const prefix = 'elasticloadbalancing:';
  return [
    allow([`${prefix}CreateListener`], [arnOf('elasticloadbalancing', `loadbalancer/app/${name}/*`)]),
    allow([`${prefix}ModifyListener`, `${prefix}DeleteListener`], [listenerArns(name)]),
  ];
}

/** One for both: the function behind them is one. */
function logGroupOf(scope: Construct): logs.ILogGroup {
  const stack = Stack.of(scope);
  const id = 'ReleaseListenerLog';
  const existing = stack.node.tryFindChild(id) as logs.LogGroup | undefined;
  return (
    existing ?? new logs.LogGroup(stack, id, { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY })
  );
}
