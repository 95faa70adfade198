import type { Fault } from './fault.ts';
import type { RawResource, Unit } from './unit.ts';

/** Where a resource says which role it uses. */
const ROLE_PROPERTIES = [
  'Role',
  'RoleArn',
  'RoleARN',
  'ServiceRole',
  'ServiceRoleArn',
  'DeliverLogsPermissionArn',
  'MonitoringRoleArn',
];

/** Resources that take a role long before they use it, and why that is right. */
const LATER: Record<string, string> = {
  NetworkVpcFlowLog: 'a log that begins a minute later loses nothing',
  DatabaseInstanceProxy: 'it takes minutes to be made, and asks for its secret then',
  AWS679f53fac002430cb0da5b7982bd2287: 'each custom resource waits for its own policy',
  CustomS3AutoDeleteObjectsCustomResourceProviderHandler: 'the bucket policy is what it needs',
};

/** Whatever uses a role is made after the policies of the role, and a service after the roles that its tasks have. */
export function orderFaults(it: Unit): Fault[] {
  return Object.entries(it.resources).flatMap(([id, resource]) => {
    if (LATER[id]) return [];
    const roles = rolesOf(id, resource);
    const before = neededBy(it, id);
    return roles
      .flatMap((role) => policiesOf(it, role))
      .filter((policy) => !before.has(policy))
      .map((policy) => ({
        where: `lib: ${id} (${resource.Type}) of ${it.name}`,
        what: `make it depend on ${policy}`,
        why: 'CloudFormation makes it before its role may do anything, and its first calls are refused',
      }));
  });
}

function rolesOf(id: string, { Properties }: RawResource): string[] {
  if (id === 'Service') return ['RolesExecution', 'RolesTask'];
  return ROLE_PROPERTIES.flatMap((property) => /^\$\{(\w+)\.Arn\}$/.exec(String(Properties[property] ?? ''))?.[1] ?? []);
}

function policiesOf({ resources }: Unit, role: string): string[] {
  return Object.entries(resources)
    .filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy' && Properties.Roles?.includes(`\${${role}}`))
    .map(([id]) => id);
}

/** What CloudFormation makes before: what it refers to or depends on, and what those need. */
function neededBy({ resources }: Unit, id: string, found = new Set<string>()): Set<string> {
  for (const next of referencesOf(resources[id]!))
    if (resources[next] && !found.has(next)) {
      found.add(next);
      neededBy({ resources } as Unit, next, found);
    }
  return found;
}

const references = new WeakMap<RawResource, string[]>();

function referencesOf(resource: RawResource): string[] {
  const { DependsOn = [], Properties } = resource;
  const known =
    references.get(resource) ??
    [...JSON.stringify(Properties ?? {}).matchAll(/\$\{(\w+)/g)].map(([, name]) => name!).concat(DependsOn);
  references.set(resource, known);
  return known;
}

/** What must be there before something else, though nothing refers to it. */
const FIRST: [string, string, string][] = [
  ['Service', 'TrafficProductionListener', 'ECS refuses a target group that no listener uses'],
  ['Service', 'TrafficTestListener', 'ECS refuses a target group that no listener uses'],
  ['Service', 'ServiceStandIn', 'The service names the family, which has to have a revision'],
  ['TrafficProductionListener', 'TrafficGreen', 'After a release it forwards there: the group can not be deleted before it'],
  ['TrafficTestListener', 'TrafficGreen', 'After a release it forwards there: the group can not be deleted before it'],
  ['ReleaseGroup', 'ReleaseApplication', 'The group names the application'],
  ['ReleaseGroup', 'Service', 'CodeDeploy looks at the service when the group is made'],
  ['ScalingTasks', 'Service', 'Only a service that is there can be scaled'],
  ['TrafficRedirect', 'TrafficProductionListener', 'A production listener that was on port 80 has to be off it first'],
];

export function firstFaults(it: Unit): Fault[] {
  return FIRST.filter(([id, first]) => it.resources[id] && !neededBy(it, id).has(first)).map(([id, first, why]) => ({
    where: `lib: ${id} of ${it.name}`,
    what: `make it depend on ${first}`,
    why,
  }));
}
