import { Aws } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Place } from './option-reader.ts';
import { allow, arnOf } from './roles.ts';

export const KEY_ACTIONS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/**
 * Where images and artifacts are: in the pipeline's account, which may be another one than an environment's. So everything in it is
 * named by rules and not by references between stacks.
 */
export class Store {
  readonly name: string;
  readonly place: Place | null;
  private readonly shared: boolean;

  /** `shared`: another account reads the artifacts, so a key of our own encrypts them. */
  constructor(name: string, place: Place | null, shared: boolean) {
    this.name = name;
    this.place = place;
    this.shared = shared;
  }

  /** ECR repository of the images. */
  get repositoryArn(): string {
    return arnOf('ecr', `repository/${this.name}`, this.place);
  }

  get repositoryUri(): string {
    return `${this.account}.dkr.ecr.${this.region}.${Aws.URL_SUFFIX}/${this.name}`;
  }

  /** The bucket with the artifacts that actions in this region read and write; it is in the pipeline's account too. */
  bucketName(region = this.region): string {
    return `${this.name}-artifacts-${this.account}-${region}`;
  }

  bucketArn(region = this.region): string {
    return `arn:${Aws.PARTITION}:s3:::${this.bucketName(region)}`;
  }

  /** The key of that bucket: by its alias, since a key's id is not known before it is made. Null if it has none of our own. */
  keyAlias(region = this.region): string | null {
    return this.shared ? `arn:${Aws.PARTITION}:kms:${region}:${this.account}:${this.alias}` : null;
  }

  /** Lets somebody use the keys of these regions' buckets; nothing if there are none. */
  keyStatements(regions: (string | undefined)[], actions = KEY_ACTIONS): iam.PolicyStatement[] {
    if (!this.shared) return [];
    const keys = regions.map((region = this.region) => `arn:${Aws.PARTITION}:kms:${region}:${this.account}:key/*`);
    return [allow(actions, keys, { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': this.alias } })];
  }

  /** What an action or a build in this place needs of the artifacts. */
  artifactStatements(place: Place | null, objects: string[]): iam.PolicyStatement[] {
    const bucket = this.bucketArn(place?.region);
    return [
      allow(objects, [`${bucket}/*`]),
      allow(['s3:GetBucketLocation', 's3:GetBucketAcl'], [bucket]),
      ...this.keyStatements([place?.region]),
    ];
  }

  /** What somebody needs who only reads an artifact. */
  readStatements(place: Place | null): iam.PolicyStatement[] {
    return [
      allow(['s3:GetObject', 's3:GetObjectVersion'], [`${this.bucketArn(place?.region)}/*`]),
      ...this.keyStatements([place?.region], ['kms:Decrypt']),
    ];
  }

  private get account(): string {
    return this.place?.account ?? Aws.ACCOUNT_ID;
  }

  private get region(): string {
    return this.place?.region ?? Aws.REGION;
  }

  private get alias(): string {
    return `alias/${this.name}-artifacts`;
  }
}
