import { Aws, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** Where alarms, failed deployments, failed pipelines and due approvals are told; by mail, if an address was given. */
export class Notifications extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, name: string, email: string | null) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', { topicName: name, displayName: name, enforceSSL: true });
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
  }

  /** Tells of executions of this pipeline that failed. */
  failedPipeline(name: string): void {
    const detail = { pipeline: [name], state: ['FAILED'] };
    this.tell('PipelineFailed', 'aws.codepipeline', 'CodePipeline Pipeline Execution State Change', detail);
  }

  /** Tells of deployments of this application that failed or were stopped. */
  failedDeployment(name: string): void {
    const detail = { application: [name], state: ['FAILURE', 'STOP'] };
    this.tell('DeploymentFailed', 'aws.codedeploy', 'CodeDeploy Deployment State-change Notification', detail);
  }

  private tell(id: string, source: string, detailType: string, detail: Record<string, string[]>): void {
    new events.Rule(this, id, {
      eventPattern: { source: [source], detailType: [detailType], detail },
      targets: [new targets.SnsTopic(this.topic)],
    });
  }
}
