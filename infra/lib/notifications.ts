import { Aws, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { NAME } from './settings.ts';

/** Where alarms, failed pipelines, failed deployments and due approvals are told; by mail, if an address was given. */
export class Notifications extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, email: string | null) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', { topicName: NAME, displayName: 'Posthorn', enforceSSL: true });
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        actions: ['sns:Publish'],
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (email) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
    else
      Validations.of(this).addWarning(
        'posthorn:no-alarm-email',
        'Without alarmEmail nobody is told of alarms and failed releases: give -c alarmEmail=…, or subscribe to the topic yourself.',
      );
    this.tell('PipelineFailed', 'aws.codepipeline', 'CodePipeline Pipeline Execution State Change', {
      pipeline: [NAME],
      state: ['FAILED'],
    });
    this.tell('DeploymentFailed', 'aws.codedeploy', 'CodeDeploy Deployment State-change Notification', {
      application: [NAME],
      state: ['FAILURE', 'STOP'],
    });
  }

  private tell(id: string, source: string, detailType: string, detail: Record<string, string[]>): void {
    new events.Rule(this, id, {
      eventPattern: { source: [source], detailType: [detailType], detail },
      targets: [new targets.SnsTopic(this.topic)],
    });
  }
}
