import type { Options } from '../../lib/options.ts';
import type { Fault } from './fault.ts';
import { differences } from './shape.ts';

/** What is said of a stack outside of its template. */
export interface StackFacts {
  name: string;
  terminationProtection: boolean;
  /** Names of the stacks that are deployed before it. */
  after: string[];
  account: string;
  region: string;
}

/** Each stack is protected, in its own place, and after those that it takes something from. */
export function stackFaults(stacks: StackFacts[], options: Options): Fault[] {
  const expected = expectedOf(options);
  const names = Object.keys(expected);
  const where = 'lib/stacks.ts';
  return [
    ...differences(
      stacks.map(({ name }) => name).sort(),
      [...names].sort(),
      `${where}, names of the stacks`,
      'docs/deploy.md and the last stage of the pipeline name them',
    ),
    ...stacks.flatMap((stack) => {
      const why = 'A stack that holds data or the service is not deleted by a slip, and not made before what it needs';
      return expected[stack.name] ? differences(stack, expected[stack.name], `${where}: ${stack.name}`, why) : [];
    }),
  ];
}

function expectedOf({ name, place, kept, environments }: Options): Record<string, StackFacts> {
  const stack = (stackName: string, after: string[], where: Options['place']): [string, StackFacts] => [
    stackName,
    {
      name: stackName,
      terminationProtection: true,
      after: after.sort(),
      account: where?.account ?? '${AccountId}',
      region: where?.region ?? '${Region}',
    },
  ];
  const regions = [...new Set([place, ...environments.map((environment) => environment.place)].map((one) => one?.region))];
  const artifacts = regions.map((region) => (region === place?.region ? `${name}-artifacts` : `${name}-artifacts-${region}`));
  return Object.fromEntries([
    ...(kept ? [] : [stack(`${name}-registry`, [], place)]),
    ...artifacts.map((one, at) => stack(one, [], place ? { ...place, region: regions[at]! } : null)),
    ...environments.flatMap((environment) => [
      stack(`${environment.name}-data`, [], environment.place),
      stack(`${environment.name}-service`, [`${environment.name}-data`], environment.place),
    ]),
    stack(`${name}-pipeline`, [...artifacts, ...environments.map((environment) => `${environment.name}-service`)], place),
  ]);
}
