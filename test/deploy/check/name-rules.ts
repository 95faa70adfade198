import type { Context } from './context.js';

/** In taskdef.json and appspec.yaml; an installation's own name is filled in for it. */
const PLACEHOLDER = '${NAME}';
/** Longest end of a role's name: a hyphen and a region. */
const REGION_LENGTH = '-ap-southeast-2'.length;

interface Limit {
  /** The longest name without what is put behind it. */
  most: number;
  pattern: RegExp;
  of: string;
}

const TARGET_GROUP: Limit = {
  most: 32,
  pattern: /^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/,
  of: 'a target group',
};
const QUEUE: Limit = { most: 80, pattern: /^[\w-]+$/, of: 'a queue that is not FIFO' };
const FAMILY: Limit = { most: 255, pattern: /^[\w-]+$/, of: 'a family of task definitions' };
const FUNCTION: Limit = { most: 64, pattern: /^[\w-]+$/, of: 'a function' };
const ROLE: Limit = { most: 64 - REGION_LENGTH, pattern: /^[\w+=,.@-]+$/, of: 'a role, with a region behind it' };
const LOG_GROUP: Limit = { most: 512, pattern: /^(?!aws\/)[\w/.#-]+$/, of: 'a log group' };
/** A hyphen and six characters at the end are taken for the suffix of an ARN, and the secret is not found without its own. */
const SECRET: Limit = { most: 512, pattern: /^(?!.*-[A-Za-z0-9]{6}$)[\w/+=.@-]+$/, of: 'a secret' };
const STACK: Limit = { most: 128 - REGION_LENGTH, pattern: /^[A-Za-z][A-Za-z0-9-]*$/, of: 'a stack, with a region behind it' };
const PROJECT: Limit = { most: 150, pattern: /^[A-Za-z0-9][\w-]+$/, of: 'a build project' };
/** The load balancer's is the shortest of all that have it: 32; the cache's 40, the database's 63. */
const SERVER: Limit = {
  most: 32,
  pattern: /^[a-z](?:[a-z0-9]|-(?!-))*(?<!-)$/,
  of: 'a load balancer, a cache or a database server',
};

/** Of names that are not in the list below: short enough for everything that has a name of its own here. */
const ANY: Limit = { most: 64, pattern: /^[\w/+=,.@-]+$/, of: 'anything that test/deploy/check/name-rules.ts does not list' };

/** By the names that lead to them. */
const LIMITS: readonly [RegExp, Limit][] = [
  [/^name$/, SERVER],
  [/^(family|bootstrapFamily|migrateFamily)$/, FAMILY],
  [/^(blue|green)$/, TARGET_GROUP],
  [/^(queue|deadLetterQueue)$/, QUEUE],
  [/^(appLog|execLog|builds\.\w+\.logGroup)$/, LOG_GROUP],
  [/^(hooks\.\w+|receiver|watcher|sender)$/, FUNCTION],
  [/^builds\.\w+\.name$/, PROJECT],
  [/^(secrets|urls)\.\w+$/, SECRET],
  [/^(pipelineRole|deployRole)$/, ROLE],
  [/^stacks\.\w+$/, STACK],
];

/** What AWS takes for a name, that no name is given twice, and that a second installation in the same account has other names. */
export function checkNames(context: Context): void {
  const { settings, tellSettings } = context;
  const { DEFAULT_NAME: usual, MAX_NAME_LENGTH: most } = settings;
  if (!/^(?!internal-)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(usual) || usual.length < 3 || usual.length > most)
    tellSettings(
      ['DEFAULT_NAME'],
      `make DEFAULT_NAME 3 to ${most} small letters, digits and single hyphens, not beginning with "internal-": it is in the name of a load balancer and a bucket; it is ${usual}`,
    );
  const seen = new Map<string, string>();
  for (const { path, name } of namesIn(settings.namesInFiles)) {
    const key = path.join('.');
    const told = (message: string) => tellSettings(['namesOf', ...path], message);
    const limit = LIMITS.find(([pattern]) => pattern.test(key))?.[1] ?? ANY;
    if (name.split(PLACEHOLDER).length !== 2)
      told(`put the installation's name into ${key}, once: a second installation would have the same; it is ${name}`);
    const longest = name.replaceAll(PLACEHOLDER, 'p'.repeat(settings.MAX_NAME_LENGTH));
    if (longest.length > limit.most)
      told(
        `shorten ${key} or MAX_NAME_LENGTH: ${limit.of} has at most ${limit.most} characters, and with the longest name of an installation this has ${longest.length}`,
      );
    if (!limit.pattern.test(longest)) told(`correct ${key}: AWS does not take ${name} as the name of ${limit.of}`);
    const other = seen.get(`${limit.of} ${name}`);
    if (other) told(`give ${key} another name than ${other}: ${limit.of} has its name for itself; both are ${name}`);
    else seen.set(`${limit.of} ${name}`, key);
  }
}

function namesIn(value: object, path: readonly string[] = []): { path: string[]; name: string }[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'string' ? [{ path: [...path, key], name: inner }] : namesIn(inner as object, [...path, key]),
  );
}
