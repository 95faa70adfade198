import { HOOKS } from './appspec-grammar.js';
import type { Context } from './context.js';
import { unexpectedKeys, type Keys, type Reasons } from './expected-keys.js';
import { lineOf } from './text.js';

const KEYS: Keys = {
  version: true,
  Resources: {
    TargetService: {
      Type: true,
      Properties: { TaskDefinition: true, LoadBalancerInfo: { ContainerName: true, ContainerPort: true }, PlatformVersion: true },
    },
  },
  Hooks: true,
};

const PROPERTIES = 'Resources.TargetService.Properties';
const REASONS: Reasons = {
  [`${PROPERTIES}.NetworkConfiguration`]:
    "without it the new tasks get the service's own subnets and security groups; ids written here are those of one account, or of a tutorial",
  [`${PROPERTIES}.CapacityProviderStrategy`]:
    "without it the new tasks run as the service's own do, on FARGATE; FARGATE_SPOT takes tasks away in the middle of a release",
};

/**
 * What is new with 1.4.0, and needed: ARM images, volumes that belong to the image's user, ECS Exec.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-linux-fargate.html
 */
const PLATFORM_VERSIONS = ['LATEST', '1.4.0'];

/** appspec.yaml has only what the deploy action fills in and what other files say: nothing that belongs to one account. */
export function checkAppspec({ project, appspec, tell, tellLine }: Context): void {
  for (const { path, message } of unexpectedKeys(appspec, KEYS, REASONS, 'test/deploy/check/appspec-rules.ts'))
    tell('appspec', path, message);
  const { PlatformVersion } = appspec.Resources[0]!.TargetService.Properties;
  if (PlatformVersion !== undefined && !PLATFORM_VERSIONS.includes(PlatformVersion))
    tell(
      'appspec',
      ['Resources', 0, 'TargetService', 'Properties', 'PlatformVersion'],
      `make it ${PLATFORM_VERSIONS.join(' or ')}: an older platform runs no ARM image and no ECS Exec, and its volumes belong to root; it is ${PlatformVersion}`,
    );
  if (!/^version: 0\.0 *(#.*)?$/m.test(project.texts.appspec))
    tellLine(
      'appspec',
      lineOf(project.texts.appspec, 'version'),
      'write version: 0.0, with its point: CodeDeploy compares the text',
    );
  const events = (appspec.Hooks ?? []).map((entry) => HOOKS.findIndex((event) => event in entry));
  const early = events.findIndex((event, index) => index > 0 && event < events[index - 1]!);
  if (early > 0)
    tell(
      'appspec',
      ['Hooks', early],
      `put the hooks in the order in which they are called: ${HOOKS.join(', ')}; people read them so`,
    );
}
