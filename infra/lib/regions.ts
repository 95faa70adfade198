import type { SizeName } from './sizes.ts';

/**
 * The regions that the stack can be made in. Plain data; `docs/deploy.md` has it as a table, and `test/regions.test.ts` compares it with
 * cfn-lint's data: every resource type of the template exists in the region, and the database's instance class of the size too.
 *
 * What those data don't know, and AWS's own pages have to tell:
 * - Fargate runs Linux containers in all these regions (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html).
 *   The page does not say separately where it has ARM64.
 * - `armBuilds` is where the API reference of CodeBuild names ARM machines (CreateFleet, `environmentType`). Elsewhere they may exist too; the
 *   first build tells.
 * - Node types of the cache, the pipeline type V2, and CodeDeploy for ECS: cfn-lint knows only that the resource types exist.
 *
 * Missing are regions without function URLs, which the receiver of the release check needs
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html), or without CodeBuild's resource type.
 */
export interface RegionFacts {
  /** The sizes whose database the region has. */
  sizes: readonly SizeName[];
  /** Zones that a new account can use, if there are fewer than three: then the option `zones` must say so. */
  zones: 2 | 3;
  /** Whether a connection to the Git host can be made there. If not, `connectionArn` names one of another region: connections are global. */
  connection: boolean;
  armBuilds: boolean;
}

const USUAL: RegionFacts = { sizes: ['small', 'medium', 'large'], zones: 3, connection: true, armBuilds: false };
const ARM = { armBuilds: true };

/** Area → rest of the region's name → what is not usual there. */
const AREAS: Record<string, Record<string, Partial<RegionFacts>>> = {
  af: { 'south-1': { sizes: ['small'], connection: false } },
  ap: {
    'east-1': { sizes: ['small', 'large'], connection: false },
    'northeast-1': ARM,
    'northeast-2': {},
    'northeast-3': { connection: false },
    'south-1': ARM,
    'southeast-1': ARM,
    'southeast-2': ARM,
    'southeast-3': { connection: false },
  },
  ca: { 'central-1': {} },
  eu: {
    'central-1': ARM,
    'north-1': {},
    'south-1': { sizes: ['small', 'large'] },
    'west-1': ARM,
    'west-2': {},
    'west-3': { sizes: ['small', 'medium'] },
  },
  me: { 'south-1': { connection: false } },
  sa: { 'east-1': ARM },
  us: { 'east-1': ARM, 'east-2': ARM, 'west-1': { zones: 2 }, 'west-2': ARM },
};

/** Name of a region → its facts. */
export const regions: Record<string, RegionFacts> = Object.fromEntries(
  Object.entries(AREAS).flatMap(([area, places]) =>
    Object.entries(places).map(([place, facts]) => [`${area}-${place}`, { ...USUAL, ...facts }]),
  ),
);
