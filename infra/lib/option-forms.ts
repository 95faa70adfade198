/** An IPv4 address. */
export function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

/** An IPv4 range. Behind the mask all bits are 0: EC2 would store another text than the template has. */
export function isRange(text: string): boolean {
  const [, address = '', mask = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  if (!isAddress(address) || mask === '' || Number(mask) > 32) return false;
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return value % 2 ** (32 - Number(mask)) === 0;
}

/** The range of a VPC: AWS makes them from /16 to /28. */
export function isVpcRange(text: string): boolean {
  const mask = Number(text.split('/')[1]);
  return isRange(text) && mask >= 16 && mask <= 28;
}

/** A certificate's first name has at most 64 characters. */
export const DOMAIN = /^(?=.{1,64}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$/;

/** CodeDeploy's own for ECS: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html */
const DEPLOYMENT_CONFIGS = [
  'ECSCanary10Percent5Minutes',
  'ECSCanary10Percent15Minutes',
  'ECSLinear10PercentEvery1Minutes',
  'ECSLinear10PercentEvery3Minutes',
  'ECSAllAtOnce',
];

/** One of CodeDeploy's own for ECS, or the name of somebody's own: only CodeDeploy's begin so. */
export const DEPLOYMENT_CONFIG = new RegExp(
  `^(CodeDeployDefault\\.(${DEPLOYMENT_CONFIGS.join('|')})|(?!CodeDeployDefault)[\\w.+=,@-]{1,100})$`,
);

export const DEPLOYMENT_CONFIG_RULE = `CodeDeployDefault. and one of ${DEPLOYMENT_CONFIGS.join(', ')}, or the name of a deployment configuration of your own for ECS`;

/** The name of a branch, as Git takes it. */
export const BRANCH = /^(?![-/])[^\s*?[\\~^:]+$/;

/** The ARN of a KMS key. Not of an alias: a policy can't name one as its resource. */
export const KMS_KEY = /^arn:[^:]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;
