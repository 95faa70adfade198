import { because } from '../shape.ts';
import type { Unit } from '../unit.ts';
import type { Shapes } from './shape-of.ts';

const FILE = 'lib/notifications.ts';

interface Told {
  /** Prefix of the ids. */
  id: string;
  topic: string;
  email: string | null;
  rule: string;
  source: string;
  event: string;
  detail: object;
}

export function notificationShapes(it: Unit): Shapes {
  if (it.kind === 'environment')
    return told({
      id: 'Notifications',
      topic: it.name,
      email: it.environment.alarmEmail,
      rule: 'DeploymentFailed',
      source: 'aws.codedeploy',
      event: 'CodeDeploy Deployment State-change Notification',
      detail: { application: [it.name], state: ['FAILURE', 'STOP'] },
    });
  return told({
    id: 'PipelineNotifications',
    topic: `${it.name}-pipeline`,
    email: it.options.alarmEmail,
    rule: 'PipelineFailed',
    source: 'aws.codepipeline',
    event: 'CodePipeline Pipeline Execution State Change',
    detail: { pipeline: [it.name], state: ['FAILED'] },
  });
}

function told({ id, topic, email, rule, source, event, detail }: Told): Shapes {
  const ref = `\${${id}Topic}`;
  return {
    [`${id}Topic`]: {
      file: FILE,
      type: 'AWS::SNS::Topic',
      why: 'Alarms of CloudWatch can not publish to a topic that a key of Amazon encrypts',
      properties: { TopicName: topic, DisplayName: topic },
    },
    [`${id}TopicPolicy`]: topicPolicy(ref),
    [`${id}${rule}`]: {
      file: FILE,
      type: 'AWS::Events::Rule',
      why: 'A pattern that nothing matches tells nobody',
      properties: {
        State: 'ENABLED',
        EventPattern: {
          source: [source],
          'detail-type': [event],
          detail: because('The keys and states as the service writes them', detail),
        },
        Targets: [{ Arn: ref, Id: 'Target0' }],
      },
    },
    ...(email
      ? {
          [`${id}Topic${email.replaceAll(/\W/g, '')}`]: {
            file: FILE,
            type: 'AWS::SNS::Subscription',
            why: 'Without it nobody gets the mail',
            properties: { Endpoint: email, Protocol: 'email', TopicArn: ref },
          },
        }
      : {}),
  };
}

function topicPolicy(ref: string): Shapes[string] {
  const allowed = (Sid: string, Service: string, more: object = {}) => ({
    Action: 'sns:Publish',
    ...more,
    Effect: 'Allow',
    Principal: { Service },
    Resource: ref,
    Sid,
  });
  return {
    file: FILE,
    type: 'AWS::SNS::TopicPolicy',
    why: 'Alarms and events come from these two services; a policy replaces the one that a topic has by itself',
    properties: {
      Topics: [ref],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'sns:Publish',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            Effect: 'Deny',
            Principal: '*',
            Resource: ref,
            Sid: 'AllowPublishThroughSSLOnly',
          },
          allowed('1', 'cloudwatch.amazonaws.com', { Condition: { StringEquals: { 'aws:SourceAccount': '${AccountId}' } } }),
          allowed('2', 'events.amazonaws.com'),
        ],
      },
    },
  };
}
