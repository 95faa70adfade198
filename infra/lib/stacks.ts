import type { App, Stack } from 'aws-cdk-lib';
import { ArtifactsStack } from './artifacts-stack.ts';
import { DataStack } from './data-stack.ts';
import type { Place } from './option-reader.ts';
import { regionsOf, type Options } from './options.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { RegistryStack } from './registry-stack.ts';
import { ServiceStack } from './service-stack.ts';
import { namesOf } from './settings.ts';
import { Store } from './store.ts';

export interface Stacks {
  /** Null if an earlier installation left its registry. */
  registry: RegistryStack | null;
  /** One for each region in which the pipeline acts. */
  artifacts: ArtifactsStack[];
  environments: { data: DataStack; service: ServiceStack }[];
  pipeline: PipelineStack;
}

/** All stacks: what the pipeline keeps, data and service of each environment, and the pipeline that releases to them. */
export function buildStacks(app: App, options: Options): Stacks {
  const { place } = options;
  const names = namesOf(options.name);
  const { stacks } = names;
  const accounts = foreignAccounts(options);
  const store = new Store(options.name, place, accounts.length > 0);
  const registry = options.kept ? null : new RegistryStack(app, names.stacks.registry, { names, accounts }, at(place));
  const artifacts = regionsOf(options).map(
    (region) =>
      new ArtifactsStack(app, region === place?.region ? stacks.artifacts : `${stacks.artifacts}-${region}`, store, accounts, {
        ...at(place && region ? { ...place, region } : null),
      }),
  );
  const environments = options.environments.map((environment) => {
    const own = namesOf(environment.name);
    const here = at(environment.place);
    const data = new DataStack(app, own.stacks.data, own, environment, here);
    const service = new ServiceStack(app, own.stacks.service, { names: own, options: environment, data, store }, here);
    service.addStackDependency(data);
    return { data, service };
  });
  const ownStacks = [...(registry ? [registry] : []), ...artifacts].map(({ stackName }) => stackName);
  const pipeline = new PipelineStack(
    app,
    stacks.pipeline,
    { options, store, ownStacks: [...ownStacks, stacks.pipeline] },
    at(place),
  );
  for (const needed of [...artifacts, ...environments.map(({ service }) => service)]) pipeline.addStackDependency(needed);
  return { registry, artifacts, environments, pipeline };
}

/** Every stack, in the order in which they are deployed. */
export function allStacks({ registry, artifacts, environments, pipeline }: Stacks): Stack[] {
  return [
    ...(registry ? [registry] : []),
    ...artifacts,
    ...environments.flatMap(({ data, service }) => [data, service]),
    pipeline,
  ];
}

function at(place: Place | null): { env?: Place } {
  return place ? { env: place } : {};
}

function foreignAccounts({ place, environments }: Options): string[] {
  const accounts = environments.flatMap((environment) => (environment.place ? [environment.place.account] : []));
  return [...new Set(accounts)].filter((account) => account !== place?.account);
}
