import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { NAME } from './settings.ts';

/**
 * Where images are kept. Each is pushed under a tag of its own that can't be moved, so that "untagged" means "nobody's": only those
 * expire. A tagged image may be what a running task, a rollback or a scale-out pulls; a hundred of them cost about a dollar a month.
 */
export class Registry extends Construct {
  readonly images: ecr.Repository;
  /** Layers for the next build; its one tag moves. */
  readonly cache: ecr.Repository;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.images = new ecr.Repository(this, 'Images', {
      repositoryName: NAME,
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [{ description: 'What no tag names', tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(14) }],
    });
    this.cache = new ecr.Repository(this, 'Cache', {
      repositoryName: `${NAME}-cache`,
      removalPolicy: RemovalPolicy.DESTROY,
      emptyOnDelete: true,
      lifecycleRules: [
        { description: 'Caches before the last', tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(1) },
      ],
    });
  }
}
