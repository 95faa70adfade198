import type { Fault } from './fault.ts';
import type { Unit } from './unit.ts';

interface NameRule {
  /** Property that has the name. */
  property: string;
  pattern: RegExp;
  most: number;
}

const WORDS = /^[A-Za-z0-9][\w-]*$/;
/** Letters, digits and single hyphens, a letter first and no hyphen last: RDS, RDS Proxy and ElastiCache. */
const HYPHENS = /^[a-z](?!.*--)[a-z0-9-]*(?<!-)$/;
const BALANCED = /^(?!internal-)[A-Za-z0-9](?!.*--)[A-Za-z0-9-]*(?<!-)$/;

/** What AWS accepts as a name: from the API reference of each service (pattern and maximum length of the parameter). */
const NAMES: Record<string, NameRule> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': { property: 'Name', pattern: BALANCED, most: 32 },
  'AWS::ElasticLoadBalancingV2::TargetGroup': { property: 'Name', pattern: BALANCED, most: 32 },
  'AWS::ECS::Cluster': { property: 'ClusterName', pattern: /^[\w-]+$/, most: 255 },
  'AWS::ECS::Service': { property: 'ServiceName', pattern: /^[\w-]+$/, most: 255 },
  'AWS::ECS::TaskDefinition': { property: 'Family', pattern: /^[\w-]+$/, most: 255 },
  'AWS::SQS::Queue': { property: 'QueueName', pattern: /^[\w-]+$/, most: 80 },
  'AWS::RDS::DBInstance': { property: 'DBInstanceIdentifier', pattern: HYPHENS, most: 63 },
  'AWS::RDS::DBProxy': { property: 'DBProxyName', pattern: HYPHENS, most: 60 },
  'AWS::ElastiCache::ReplicationGroup': { property: 'ReplicationGroupId', pattern: HYPHENS, most: 40 },
  'AWS::Lambda::Function': { property: 'FunctionName', pattern: /^[\w-]+$/, most: 64 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', pattern: /^(?!aws\/)[\w./#-]+$/, most: 512 },
  'AWS::SecretsManager::Secret': { property: 'Name', pattern: /^(?!.*-[A-Za-z0-9]{6}$)[\w/+=.@-]+$/, most: 505 },
  'AWS::SNS::Topic': { property: 'TopicName', pattern: /^[\w-]+$/, most: 256 },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', pattern: /^[\w .-]+$/, most: 255 },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', pattern: /^[\w-]+$/, most: 255 },
  'AWS::CodeDeploy::Application': { property: 'ApplicationName', pattern: WORDS, most: 100 },
  'AWS::CodeDeploy::DeploymentGroup': { property: 'DeploymentGroupName', pattern: WORDS, most: 100 },
  'AWS::CodeBuild::Project': { property: 'Name', pattern: WORDS, most: 150 },
  'AWS::CodePipeline::Pipeline': { property: 'Name', pattern: /^[\w.@-]+$/, most: 100 },
  'AWS::CodeConnections::Connection': { property: 'ConnectionName', pattern: /^[\w.@-]+$/, most: 32 },
  'AWS::ECR::Repository': { property: 'RepositoryName', pattern: /^[a-z0-9]+([._/-][a-z0-9]+)*$/, most: 256 },
  'AWS::S3::Bucket': { property: 'BucketName', pattern: /^(?!xn--|sthree-)[a-z0-9](?!.*\.\.)[a-z0-9.-]*[a-z0-9]$/, most: 63 },
  'AWS::IAM::Role': { property: 'RoleName', pattern: /^[\w+=,.@-]+$/, most: 64 },
  'AWS::WAFv2::WebACL': { property: 'Name', pattern: /^[\w-]+$/, most: 128 },
  'AWS::KMS::Alias': { property: 'AliasName', pattern: /^alias\/(?!aws\/)[\w/-]+$/, most: 256 },
};

/** What stands for an account and for the region with the longest name. */
const PLACES: [string, string][] = [
  ['${AccountId}', '123456789012'],
  ['${Region}', 'ap-southeast-1'],
];

/** Names that AWS would refuse; and the secrets whose names end as if Secrets Manager had added its six characters. */
export function nameFaults(it: Unit): Fault[] {
  return Object.entries(it.resources).flatMap(([id, { Type, Properties }]) => {
    const rule = NAMES[Type];
    const given: unknown = rule && Properties[rule.property];
    if (!rule || typeof given !== 'string') return [];
    const name = PLACES.reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value), given);
    if (rule.pattern.test(name) && name.length <= rule.most && name.length >= 3) return [];
    return [
      {
        where: `lib/settings.ts, namesOf: ${id} (${Type}) of ${it.name}.${rule.property}`,
        what: `it is "${name}" (${name.length} characters): make it fit ${rule.pattern} and at most ${rule.most} characters`,
        why: 'AWS refuses the name, and the deployment fails half way. An installation may have a name of 20 characters',
      },
    ];
  });
}
