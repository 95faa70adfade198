import { because, inAnyOrder } from '../shape.ts';
import { arn, type Unit } from '../unit.ts';
import { CODE } from './release.ts';
import { GOES, STAYS, type Shape, type Shapes } from './shape-of.ts';

/** Logs of the app and of shells, and the access log of the load balancer. */
export function logShapes({ name, environment }: Unit): Shapes {
  const group = (log: string, RetentionInDays: number, why: string): Shape => ({
    file: 'lib/app-logs.ts',
    type: 'AWS::Logs::LogGroup',
    why,
    properties: { LogGroupName: `/${name}/${log}`, RetentionInDays },
    when: STAYS,
  });
  return {
    ...(environment.kept
      ? {}
      : {
          LogsApp: group('app', 30, "taskdef.json names it, and it tells of what was before the stack's end"),
          LogsExec: group('exec', 365, 'Who did what in a task is asked for long afterwards'),
        }),
    LogsAccess: bucket('lib/app-logs.ts', 'It tells of the past, and stays when the stack goes', STAYS),
    LogsAccessPolicy: policy('lib/app-logs.ts', 'LogsAccess', [
      {
        Action: 's3:PutObject',
        Condition: { ArnLike: { 'aws:SourceArn': arn('elasticloadbalancing', 'loadbalancer/*') } },
        Effect: 'Allow',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Resource: '${LogsAccess.Arn}/load-balancer/AWSLogs/${AccountId}/*',
      },
    ]),
  };
}

/** Of one region: what the pipeline hands from action to action. */
export function artifactShapes(it: Unit): Shapes {
  const { name, account, region } = it;
  const file = 'lib/artifacts-stack.ts';
  const others = accountsOf(it);
  const handler = 'CustomS3AutoDeleteObjectsCustomResourceProviderHandler';
  const encryption =
    others.length > 0
      ? { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { KMSMasterKeyID: '${Key.Arn}', SSEAlgorithm: 'aws:kms' } }
      : { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } };
  const artifacts = bucket(file, 'The pipeline finds it by its name, and nothing in it lasts', GOES);
  return {
    Logs: bucket(file, 'It tells who read the artifacts', STAYS),
    LogsPolicy: policy(file, 'Logs', [
      {
        Action: 's3:PutObject',
        Condition: {
          ArnLike: { 'aws:SourceArn': '${Artifacts.Arn}' },
          StringEquals: { 'aws:SourceAccount': account },
        },
        Effect: 'Allow',
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Resource: '${Logs.Arn}/artifacts/*',
      },
    ]),
    Artifacts: {
      ...artifacts,
      properties: {
        ...artifacts.properties,
        BucketEncryption: { ServerSideEncryptionConfiguration: [encryption] },
        BucketName: `${name}-artifacts-${account}-${region}`,
        LifecycleConfiguration: {
          Rules: [{ ExpirationInDays: 90, NoncurrentVersionExpiration: { NoncurrentDays: 7 }, Status: 'Enabled' }],
        },
        LoggingConfiguration: { DestinationBucketName: '${Logs}', LogFilePrefix: 'artifacts/' },
        Tags: [{ Key: 'aws-cdk:auto-delete-objects', Value: 'true' }],
        VersioningConfiguration: because('CodePipeline names the version of each artifact', { Status: 'Enabled' }),
      },
    },
    ArtifactsPolicy: policy(file, 'Artifacts', artifactStatements(others)),
    ArtifactsAutoDeleteObjectsCustomResource: {
      file,
      type: 'Custom::S3AutoDeleteObjects',
      why: 'A bucket that is not empty can not be deleted',
      properties: { BucketName: '${Artifacts}', ServiceToken: `\${${handler}.Arn}` },
      when: GOES,
    },
    [handler]: {
      file,
      type: 'AWS::Lambda::Function',
      why: 'It comes from the library of the CDK',
      properties: {
        Code: CODE,
        Description: 'Lambda function for auto-deleting objects in ${Artifacts} S3 bucket.',
        Handler: 'index.handler',
        MemorySize: 128,
        Role: '${CustomS3AutoDeleteObjectsCustomResourceProviderRole.Arn}',
        Runtime: 'nodejs24.x',
        Timeout: 900,
      },
    },
    ...(others.length > 0 ? key(name, account, others) : {}),
  };
}

/** Accounts besides the pipeline's. */
function accountsOf({ options: { place, environments } }: Unit): string[] {
  const all = environments.flatMap((environment) => (environment.place ? [environment.place.account] : []));
  return [...new Set(all)].filter((account) => account !== place?.account);
}

function artifactStatements(others: string[]): object[] {
  return [
    {
      Action: ['s3:DeleteObject*', 's3:GetBucket*', 's3:List*', 's3:PutBucketPolicy'],
      Effect: 'Allow',
      Principal: { AWS: '${CustomS3AutoDeleteObjectsCustomResourceProviderRole.Arn}' },
      Resource: ['${Artifacts.Arn}', '${Artifacts.Arn}/*'],
    },
    ...others.flatMap((account) => [
      {
        Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Resource: '${Artifacts.Arn}/*',
      },
      {
        Action: ['s3:GetBucketAcl', 's3:GetBucketLocation'],
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Resource: '${Artifacts.Arn}',
      },
    ]),
  ];
}

function key(name: string, account: string, others: string[]): Shapes {
  const file = 'lib/artifacts-stack.ts';
  const [first] = others;
  return {
    Key: {
      file,
      type: 'AWS::KMS::Key',
      why: "Another account reads the artifacts, which Amazon's own key does not let it",
      when: GOES,
      properties: {
        Description: 'Artifacts of the pipeline, read and written in other accounts too',
        EnableKeyRotation: true,
        KeyPolicy: {
          Version: '2012-10-17',
          Statement: [
            { Action: 'kms:*', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Resource: '*' },
            {
              Action: [
                'kms:Decrypt',
                'kms:DescribeKey',
                'kms:Encrypt',
                'kms:GenerateDataKey',
                'kms:ReEncryptFrom',
                'kms:ReEncryptTo',
              ],
              Effect: 'Allow',
              Principal: {
                AWS: others.length === 1 ? `arn:aws:iam::${first}:root` : others.map((other) => `arn:aws:iam::${other}:root`),
              },
              Resource: '*',
            },
          ],
        },
      },
    },
    KeyAlias: {
      file,
      type: 'AWS::KMS::Alias',
      why: 'Pipeline, builds and policies know the key by this name',
      properties: { AliasName: `alias/${name}-artifacts`, TargetKeyId: '${Key.Arn}' },
    },
  };
}

/** Nobody from outside reads it, nobody without TLS, and nothing in it stays for ever. */
function bucket(file: string, why: string, when: Shape['when']): Shape {
  return {
    file,
    type: 'AWS::S3::Bucket',
    why,
    ...(when ? { when } : {}),
    properties: {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      LifecycleConfiguration: because('What nobody deletes is paid for ever', {
        Rules: [{ ExpirationInDays: 90, Status: 'Enabled' }],
      }),
      OwnershipControls: because('With ACLs an object may belong to whoever wrote it', {
        Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }],
      }),
      PublicAccessBlockConfiguration: because('Nothing here is for the public', {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      }),
    },
  };
}

function policy(file: string, id: string, statements: object[]): Shape {
  return {
    file,
    type: 'AWS::S3::BucketPolicy',
    why: 'Who writes here is named, and nobody does without TLS',
    properties: {
      Bucket: `\${${id}}`,
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: inAnyOrder(
          {
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Resource: [`\${${id}.Arn}`, `\${${id}.Arn}/*`],
          },
          ...statements,
        ),
      },
    },
  };
}

export function registryShapes(it: Unit): Shapes {
  const rule = {
    rulePriority: 1,
    description: 'What no tag names',
    selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 14, countUnit: 'days' },
    action: { type: 'expire' },
  };
  const others = accountsOf(it);
  return {
    Images: {
      file: 'lib/registry-stack.ts',
      type: 'AWS::ECR::Repository',
      why: 'A running task, a rollback or a scale-out may pull any image that has a tag',
      when: STAYS,
      properties: {
        RepositoryName: it.name,
        ImageTagMutability: because('A tag that moves lets two tasks of one revision run two images', 'IMMUTABLE'),
        ImageScanningConfiguration: because('The scan gate of the build waits for it', { ScanOnPush: true }),
        LifecyclePolicy: because('Only what no tag names may expire', { LifecyclePolicyText: JSON.stringify({ rules: [rule] }) }),
        RepositoryPolicyText:
          others.length === 0
            ? undefined
            : {
                Version: '2012-10-17',
                Statement: others.map((account) => ({
                  Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
                  Effect: 'Allow',
                  Principal: { AWS: `arn:aws:iam::${account}:root` },
                })),
              },
      },
    },
  };
}
