import type { Template } from './synthesize.js';

const SERVICE = '-service';

/**
 * The templates of one environment, and those that all share. An installation with staging and production has two services, and the same things
 * in both have the same ids.
 *
 * @param all templates by the stack's name
 * @param wanted name of the environment; null is the first one by name
 * @throws Error with the names that there are, if it is none of them
 */
export function ofEnvironment(all: Record<string, Template>, wanted: string | null): Record<string, Template> {
  const services = Object.keys(all).filter((name) => name.endsWith(SERVICE));
  const environments = services.map((name) => name.slice(0, -SERVICE.length)).toSorted();
  const chosen = wanted ?? environments[0];
  if (chosen === undefined || !environments.includes(chosen))
    throw new Error(`The stacks have no environment ${chosen ?? 'at all'}; they have: ${environments.join(', ')}.`);
  const others = environments.filter((name) => name !== chosen).flatMap((name) => [`${name}-data`, `${name}${SERVICE}`]);
  return Object.fromEntries(Object.entries(all).filter(([name]) => !others.includes(name)));
}
