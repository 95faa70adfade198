import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Builds } from './builds.ts';
import { Notifications } from './notifications.ts';
import type { Options } from './options.ts';
import { Pipeline } from './pipeline.ts';
import { namesOf } from './settings.ts';
import type { Store } from './store.ts';

export interface PipelineStackParts {
  options: Options;
  store: Store;
  /** The stacks that the pipeline's last stage deploys: its own. */
  ownStacks: string[];
}

/** The pipeline and its builds. It knows environments by name only: they may be in other accounts and regions. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { options, store, ownStacks }: PipelineStackParts, props: StackProps = {}) {
    super(scope, id, { terminationProtection: true, description: 'Posthorn: pipeline', ...props });
    const names = namesOf(options.name);
    const notifications = new Notifications(this, 'PipelineNotifications', names.stacks.pipeline, options.alarmEmail);
    notifications.failedPipeline(names.name);
    const builds = new Builds(this, 'Builds', names, options, store);
    const { topic } = notifications;
    const pipeline = new Pipeline(this, 'Pipeline', { names, options, store, builds, topic, ownStacks });
    new CfnOutput(this, 'Connection', { value: pipeline.connectionArn, description: 'Has to be approved once, if it is new' });
  }
}
