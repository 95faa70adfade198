import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Names } from './settings.ts';

/**
 * Where images are kept. Each is pushed under a tag of its own that can't be moved, so that "untagged" means "nobody's": only those
 * expire. A tagged image may be what a running task, a rollback or a scale-out pulls; a hundred of them cost about a dollar a month.
 * `accounts`: those besides this one whose tasks run the images.
 */
export class RegistryStack extends Stack {
  constructor(scope: Construct, id: string, { names, accounts }: { names: Names; accounts: string[] }, props: StackProps = {}) {
    super(scope, id, { terminationProtection: true, description: 'Posthorn: images', ...props });
    const images = new ecr.Repository(this, 'Images', {
      repositoryName: names.name,
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [{ description: 'What no tag names', tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(14) }],
    });
    if (accounts.length > 0)
      images.addToResourcePolicy(
        new iam.PolicyStatement({
          actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
          principals: accounts.map((account) => new iam.AccountPrincipal(account)),
        }),
      );
  }
}
