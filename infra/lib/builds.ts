import { Aws } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BuildProject } from './build-project.ts';
import { infrastructureBuildSpec, planBuildSpec } from './infrastructure-buildspec.ts';
import { placesOf, type Options } from './options.ts';
import { allow, arnOf } from './roles.ts';
import { pipeline, type buildVariables, type Names } from './settings.ts';
import type { Store } from './store.ts';

/** The projects of the pipeline's own account: build and test; show what would change in the stacks; deploy them. */
export class Builds extends Construct {
  readonly build: codebuild.IProject;
  readonly plan: codebuild.IProject;
  readonly infrastructure: codebuild.IProject;

  constructor(scope: Construct, id: string, names: Names, options: Options, store: Store) {
    super(scope, id);
    const common = { store, place: store.place };
    const variables: Record<keyof typeof buildVariables, string> = {
      IMAGE_REPOSITORY_URI: store.repositoryUri,
      SCAN_SEVERITY: options.scanSeverity,
    };
    this.build = new BuildProject(this, 'Build', {
      ...common,
      ...names.builds.build,
      description: 'Tests, builds and pushes the image',
      buildSpec: codebuild.BuildSpec.fromSourceFilename(pipeline.buildSpecFile),
      minutes: 60,
      computeType: codebuild.ComputeType.LARGE,
      privileged: true,
      variables,
      statements: buildStatements(store, names),
    }).project;
    this.plan = new BuildProject(this, 'Plan', {
      ...common,
      ...names.builds.plan,
      description: 'Synthesizes the stacks and shows what would change',
      buildSpec: codebuild.BuildSpec.fromObjectToYaml(planBuildSpec()),
      minutes: 30,
      computeType: codebuild.ComputeType.SMALL,
      variables: {},
      statements: [allow(['sts:AssumeRole'], cdkRoles(options, ['lookup']))],
    }).project;
    this.infrastructure = new BuildProject(this, 'Infrastructure', {
      ...common,
      ...names.builds.infrastructure,
      description: 'Deploys stacks as they were planned',
      buildSpec: codebuild.BuildSpec.fromObjectToYaml(infrastructureBuildSpec()),
      // A first environment takes as long as its database.
      minutes: 120,
      computeType: codebuild.ComputeType.SMALL,
      variables: {},
      outputs: false,
      statements: [allow(['sts:AssumeRole'], cdkRoles(options, ['deploy', 'file-publishing', 'lookup']))],
    }).project;
  }
}

function buildStatements(store: Store, { builds }: Names): iam.PolicyStatement[] {
  return [
    allow(['ecr:GetAuthorizationToken', 'ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken'], ['*']),
    allow(
      [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:DescribeImageScanFindings',
        'ecr:DescribeImages',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      [store.repositoryArn],
    ),
    // ECR asks Inspector with the caller's rights where Inspector scans the registry.
    allow(['inspector2:ListFindings'], ['*']),
    allow(
      [
        'codebuild:CreateReportGroup',
        'codebuild:CreateReport',
        'codebuild:UpdateReport',
        'codebuild:BatchPutTestCases',
        'codebuild:BatchPutCodeCoverages',
      ],
      [arnOf('codebuild', `report-group/${builds.build.name}-*`)],
    ),
  ];
}

/** The roles that `cdk bootstrap` made wherever there are stacks, by the names that it gives. What stacks may do is theirs, not ours. */
function cdkRoles(options: Options, kinds: string[]): string[] {
  return placesOf(options).flatMap((one) => {
    const [account, region] = [one?.account ?? Aws.ACCOUNT_ID, one?.region ?? Aws.REGION];
    return kinds.map((kind) => `arn:${Aws.PARTITION}:iam::${account}:role/cdk-*-${kind}-role-${account}-${region}`);
  });
}
