import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { queue, type Names } from './settings.ts';

/** The queue of wake-up calls and the one for what could not be worked on. Losing either loses no message: the database has them. */
export class Queues extends Construct {
  readonly main: sqs.Queue;
  readonly deadLetter: sqs.Queue;

  constructor(scope: Construct, id: string, names: Names) {
    super(scope, id);
    const common = {
      retentionPeriod: Duration.seconds(queue.retention),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    };
    this.deadLetter = new sqs.Queue(this, 'DeadLetter', { ...common, queueName: names.deadLetterQueue });
    this.main = new sqs.Queue(this, 'Main', {
      ...common,
      queueName: names.queue,
      visibilityTimeout: Duration.seconds(queue.visibilityTimeout),
      deadLetterQueue: { queue: this.deadLetter, maxReceiveCount: queue.maxReceiveCount },
    });
  }
}
