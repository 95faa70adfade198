import type { EnvironmentOptions } from './environment-options.ts';
import type { Options } from './options.ts';
import { regions } from './regions.ts';
import { namesOf } from './settings.ts';

/** What is wrong with options that are right one by one: a sentence for each. */
export function contradictions(options: Options): string[] {
  const { environments, place } = options;
  const faults = [...faultsOfNames(options), ...faultsOfDomains(environments), ...faultsOfRegions(options)];
  if (environments.some((one) => one.place) && !place)
    faults.push('environments with an account and region need account and region of the pipeline beside them.');
  return faults;
}

/** Everything of an installation is called after it; so posthorn and posthorn-dlq would both have a queue posthorn-dlq. */
function faultsOfNames({ environments, name }: Options): string[] {
  const names = environments.map((environment) => environment.name);
  if (new Set(names).size < names.length) return ['environments must have names of their own: give each a "name".'];
  const faults: string[] = [];
  const all = [...new Set([name, ...names])];
  for (const one of all) {
    for (const other of all) {
      const same = one === other ? undefined : [...textsIn(namesOf(other))].find((text) => textsIn(namesOf(one)).has(text));
      if (same && one.startsWith(`${other}-`))
        faults.push(`name ${one} otherwise: something of ${other} is called ${same} too, as a queue or a stack.`);
    }
  }
  return faults;
}

function textsIn(value: unknown): Set<string> {
  return new Set(typeof value === 'string' ? [value] : Object.values(value as object).flatMap((inner) => [...textsIn(inner)]));
}

function faultsOfDomains(environments: EnvironmentOptions[]): string[] {
  const domains = environments.flatMap(({ domain }) => (domain ? [domain.name] : []));
  const twice = domains.find((domain, at) => domains.indexOf(domain) < at);
  return twice
    ? [`environments must have domain names of their own: ${twice} is that of two. Give each environment its domainName.`]
    : [];
}

/** What a region has is only known where the options name it. */
function faultsOfRegions({ environments, place, connectionArn }: Options): string[] {
  const faults: string[] = [];
  const used = [place, ...environments.map((environment) => environment.place)].flatMap((one) => one?.region ?? []);
  for (const region of new Set(used)) {
    if (!Object.hasOwn(regions, region))
      faults.push(
        `region ${region} is none that has everything the stacks are made of, as far as infra/lib/regions.ts knows: docs/deploy.md has the list. If it has by now, add it to both.`,
      );
  }
  if (place && regions[place.region]?.connection === false && !connectionArn)
    faults.push(`region ${place.region} has no connections to Git hosts: give connectionArn, of one that is in another region.`);
  for (const { name, place: at, size, zones, vpc } of environments) {
    const facts = at && regions[at.region];
    if (!facts) continue;
    if (!facts.sizes.includes(size))
      faults.push(`size of ${name} must be ${facts.sizes.join(' or ')}: ${at.region} has no database of the size ${size}.`);
    if (!vpc && zones > facts.zones)
      faults.push(`zones of ${name} must be ${facts.zones}: a new account can use no more in ${at.region}.`);
  }
  return faults;
}
