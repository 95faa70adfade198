import type { Place } from '../../lib/option-reader.ts';

/** Where a role is and what its installation has: what rows of the tables depend on, and what is filled into them. */
export interface Facts {
  /** Name of the environment, or of the pipeline for what is the pipeline's. */
  name: string;
  place: Place;
  /** The pipeline's name and place. */
  tools: { name: string } & Place;
  /** Name and place of each environment. */
  environments: ({ name: string } & Place)[];
  /** The accounts that are not the pipeline's. */
  foreign: string[];
  /** CodeDeploy's way of shifting traffic. */
  deploymentConfig: string;
  /** The connection to the Git host. */
  connection: string;
  /** ARN of the KMS key that seals secrets; empty without one. */
  kmsKey: string;
  has: Record<'ownVpc' | 'proxy' | 'kms' | 'verify' | 'syntheticTraffic' | 'approval' | 'foreign', boolean>;
}

export type Feature = keyof Facts['has'];

/** A row: what somebody does as the role. */
export interface Need {
  /** Actions, with spaces between. */
  actions: string;
  /** Resources. What `fill` knows in braces is filled in. */
  on: string | string[];
  /** Condition: `OPERATOR KEY VALUE`, several with ` & ` between. */
  if?: string;
  /** The row is there only if the installation has this. */
  when?: Feature;
  /** Who makes the call: `FILE: function` of ours, or a service or an agent of AWS and what for. */
  by: string;
  /** Where it is said that the call needs this. */
  source: string;
  /** Why the resource is `*` although the action knows narrower ones. */
  wide?: string;
}

export interface RoleNeeds {
  /** Who may take the role. */
  trust: string[];
  /** Where the condition is from, or that the service does not say that it gives the keys for one. */
  trustSource: string;
  /** Managed policies of AWS, with who needs them. */
  managed?: Record<string, string>;
  needs: Need[];
  when?: Feature;
}

/** Roles by the kind of their stack and their logical id without its hash. */
export type Table = Record<string, RoleNeeds>;

/** Rows of one call, for several resources or conditions. */
export const needs = (by: string, source: string, rows: (Omit<Need, 'by' | 'source'> & Partial<Need>)[]): Need[] =>
  rows.map((row) => ({ by, source, ...row }));

/**
 * Fills in: {name}, {account}, {region} and {at} (both) of the role's own installation; {tools}, {toolsAccount}, {toolsRegion} of the
 * pipeline. A text with {each:name}, {each:account} or {each:region} becomes one for each environment; with {place:…} one for each
 * account and region in which there are stacks; with {bucket:region} one for each region in which the pipeline acts.
 */
export function fill(
  text: string,
  { name, place, tools, environments, foreign, deploymentConfig, connection, kmsKey }: Facts,
): string[] {
  const known: Record<string, string> = {
    name,
    account: place.account,
    region: place.region,
    at: `${place.region}:${place.account}`,
    tools: tools.name,
    toolsAccount: tools.account,
    toolsRegion: tools.region,
    deploymentConfig,
    connection,
    kmsKey,
  };
  const lists: Record<string, { name?: string; account: string; region?: string }[]> = {
    each: environments,
    // The artifacts of every region are in the pipeline's account.
    place: [tools, ...environments.map(({ region }) => ({ account: tools.account, region })), ...environments],
    bucket: [tools, ...environments],
    foreign: foreign.map((account) => ({ account })),
  };
  const list = /\{(\w+):\w+\}/.exec(text)?.[1];
  const ones: Record<string, string>[] = list ? lists[list]!.map((one) => ({ ...one })) : [{}];
  const texts = ones.map((one) =>
    text.replaceAll(/\{(?:\w+:)?(\w+)\}/g, (found, key: string) => {
      const value = found.includes(':') ? one[key] : known[key];
      if (value === undefined) throw new Error(`a row has ${found}, which is not known`);
      return value;
    }),
  );
  return [...new Set(texts)];
}

/** The rows of a role as texts, `ACTION on RESOURCE if CONDITION`. */
export function textsOf(rows: Need[], facts: Facts): string[] {
  const texts = rows
    .filter(({ when }) => !when || facts.has[when])
    .flatMap((row) =>
      row.actions.split(' ').flatMap((action) =>
        [row.on].flat().flatMap((on) => {
          const text = `${action} on ${on}${row.if ? ` if ${row.if}` : ''}`;
          return fill(text, facts);
        }),
      ),
    );
  return [...new Set(texts)].sort();
}
