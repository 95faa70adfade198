import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Service {
  Actions: Record<string, { Resources?: string[] }>;
  Resources: Record<string, { ARNFormats: string[]; ConditionKeys?: string[] }>;
}

/**
 * What AWS's service authorization reference says of actions, as cfn-lint carries it. Null where cfn-lint isn't installed, unless
 * REQUIRE_CFN_LINT says that it has to be.
 */
export function reference(): Record<string, Service> | null {
  const folder = (process.env.PATH ?? '').split(delimiter).find((dir) => existsSync(join(dir, 'cfn-lint')));
  if (!folder && !process.env.REQUIRE_CFN_LINT) return null;
  const beside = join(folder ?? '', 'python3');
  const script = `import json; from cfnlint.helpers import load_resource; from cfnlint.data import AdditionalSpecs
print(json.dumps(load_resource(AdditionalSpecs, 'Policies.json')))`;
  const run = spawnSync(existsSync(beside) ? beside : 'python3', ['-c', script], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(`cfn-lint's data can't be read: ${run.error ?? run.stderr}`);
  return JSON.parse(run.stdout) as Record<string, Service>;
}

const GLOBAL_KEY = /^aws:/;
/** Keys that the reference gives to actions and not to resources: cfn-lint leaves those out. Looked up in the reference by hand. */
const KEYS_OF_ACTIONS: Record<string, string[]> = {
  'ecs:cluster': ['ecs:CreateTaskSet', 'ecs:DescribeTasks', 'ecs:ListTasks', 'ecs:RunTask'],
  'iam:PassedToService': ['iam:PassRole'],
  'cloudwatch:namespace': ['cloudwatch:PutMetricData'],
  // `kms:EncryptionContext:${EncryptionContextKey}` in the reference.
  'kms:EncryptionContext:service': ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/** A fault of a row: the action does not exist, or can't have this resource or condition. Null if there is none. */
export function faultOf(
  services: Record<string, Service>,
  action: string,
  resource: string,
  keys: string[],
  wide: boolean,
): string | null {
  const [prefix, name] = action.split(':') as [string, string];
  const { Actions, Resources } = services[prefix] ?? { Actions: {}, Resources: {} };
  const known = Object.entries(Actions).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
  if (!known) return `${action} does not exist`;
  const types = (known.Resources ?? []).flatMap((type) => {
    const found = Object.entries(Resources).find(([one]) => one.toLowerCase() === type.toLowerCase());
    return found ? [found[1]] : [];
  });
  if (types.length === 0 && resource !== '*') return `${action} takes no resource but *`;
  if (types.length > 0 && resource === '*' && !wide) return `${action} takes narrower resources than *: name one, or say why not`;
  const formats = types.flatMap(({ ARNFormats }) => ARNFormats);
  if (resource !== '*' && !formats.some((format) => patternOf(format).test(resource)))
    return `${action} does not take ${resource}, but ${formats.join(' or ')}`;
  const ofResources = new Set(types.flatMap(({ ConditionKeys = [] }) => ConditionKeys));
  const unknown = keys.filter((key) => !ofResources.has(key) && !KEYS_OF_ACTIONS[key]?.includes(action) && !GLOBAL_KEY.test(key));
  return unknown.length > 0 ? `${action} does not know the condition ${unknown.join(' and ')}` : null;
}

/** cfn-lint writes `.*` for the part that is a name. */
function patternOf(format: string): RegExp {
  const escaped = format.replaceAll(/\$\{\w+\}/g, '[^:]*');
  return new RegExp(`^${escaped}$`);
}
