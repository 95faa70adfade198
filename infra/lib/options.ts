import type { Node } from 'constructs';
import { emailOf, ENVIRONMENT_OPTIONS, environmentOptions, nameOf, type EnvironmentOptions } from './environment-options.ts';
import { contradictions } from './option-conflicts.ts';
import { BRANCH } from './option-forms.ts';
import { BadOptions, OptionReader, parsedOf, type Place } from './option-reader.ts';
import { DEFAULT_NAME, pipeline } from './settings.ts';

/** What differs between installations; kept in cdk.json under "context", or given as `-c name=value`. */
export interface Options {
  /** Prefix of the registry and the pipeline; also the only environment's name, if there is one. */
  name: string;
  /** Where registry and pipeline are. */
  place: Place | null;
  /** `owner/name` of the Git repository that is built. */
  repository: string;
  branch: string;
  /** A connection to the Git host that was approved already; without it one to GitHub is made, to be approved once. */
  connectionArn: string | null;
  alarmEmail: string | null;
  /** A person has to say yes to changes of the infrastructure. */
  approveInfrastructure: boolean;
  /** From which severity on a finding of the image scan ends a release; NONE for never. */
  scanSeverity: string;
  /** The registry of an earlier installation of this name is used and not made. */
  kept: boolean;
  /** In the order in which a release goes through them. */
  environments: EnvironmentOptions[];
}

/** Reads and checks the options from the app's context. Throws BadOptions with every fault at once. */
export function optionsFrom(node: Node): Options {
  const read = new OptionReader((name) => node.tryGetContext(name) as unknown);
  const name = nameOf(read, DEFAULT_NAME);
  const options = {
    name,
    place: read.place(),
    repository: read.text('repository') ?? '',
    branch: read.matching('branch', BRANCH, 'the name of one branch', pipeline.branch),
    connectionArn: read.matching('connectionArn', /^arn:[^:]+:code(star-)?connections:/, 'the ARN of a connection', null),
    alarmEmail: emailOf(read),
    approveInfrastructure: read.flag('approveInfrastructure', true),
    scanSeverity: read.matching(
      'scanSeverity',
      /^(CRITICAL|HIGH|MEDIUM|LOW|NONE)$/,
      'CRITICAL, HIGH, MEDIUM, LOW or NONE',
      'CRITICAL',
    ),
    kept: read.flag('kept', false),
    environments: [] as EnvironmentOptions[],
  };
  if (options.repository === '') read.fault('repository is missing: give -c repository=OWNER/NAME.');
  else if (!/^[\w.-]+\/[\w./-]+$/.test(options.repository))
    read.fault(`repository must be OWNER/NAME, without an address before it: it is ${options.repository}.`);
  for (const unknown of unknownIn(node)) read.fault(`there is no option ${unknown}: docs/deploy.md lists them.`);
  const { environments, faults } = environmentsFrom(node, name);
  options.environments = environments;
  const all = [...read.faults, ...faults, ...contradictions(options)];
  if (all.length > 0) throw new BadOptions([...new Set(all)].join('\n'));
  return options;
}

/** The regions in which actions run, the pipeline's own first; undefined stands for that of the credentials. */
export function regionsOf({ place, environments }: Options): (string | undefined)[] {
  return [...new Set([place, ...environments.map((environment) => environment.place)].map((one) => one?.region))];
}

/**
 * Where there are stacks; null stands for the account and region of the credentials. The pipeline's own account has artifacts in every
 * region in which an action runs, also where all else is in another account.
 */
export function placesOf(options: Options): (Place | null)[] {
  const { place, environments } = options;
  const own = place ? regionsOf(options).map((region) => ({ account: place.account, region: region ?? place.region })) : [null];
  const all = [...own, ...environments.map((environment) => environment.place)];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** One for each object of the option `environments`, which has what differs from the rest of the context; without it a single one. */
function environmentsFrom(node: Node, name: string): { environments: EnvironmentOptions[]; faults: string[] } {
  const faults: string[] = [];
  const context: unknown = node.tryGetContext('environments') ?? [{}];
  const given = typeof context === 'string' ? parsedOf(context) : context;
  if (!Array.isArray(given) || given.length === 0 || !given.every(isObject))
    return { environments: [], faults: ['environments must be a list of objects, in "context" of cdk.json.'] };
  const environments = (given as Record<string, unknown>[]).map((own, at) => {
    const prefix = given.length === 1 ? '' : `environment ${at + 1}: `;
    const read = new OptionReader((option) => own[option] ?? (node.tryGetContext(option) as unknown), prefix);
    const unknown = Object.keys(own).filter((option) => !ENVIRONMENT_OPTIONS.has(option));
    for (const option of unknown)
      read.fault(`there is no option ${option} for an environment: ${[...ENVIRONMENT_OPTIONS].join(', ')}.`);
    const options = environmentOptions(read, name);
    faults.push(...read.faults);
    return options;
  });
  return { environments, faults };
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What only the top level has. */
const TOP_OPTIONS = ['repository', 'branch', 'connectionArn', 'environments', 'approveInfrastructure', 'scanSeverity'];

/** The context has settings of the CDK too; their names have more than letters in them. */
function unknownIn(node: Node): string[] {
  const given = Object.keys(node.getAllContext() as object).filter((name) => /^[A-Za-z]+$/.test(name));
  return given.filter((name) => !ENVIRONMENT_OPTIONS.has(name) && !TOP_OPTIONS.includes(name));
}
