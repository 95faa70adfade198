import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { acknowledge } from '../../lib/acknowledgements.ts';
import { optionsFrom } from '../../lib/options.ts';
import { allStacks, buildStacks, type Stacks } from '../../lib/stacks.ts';

export const INFRA = join(import.meta.dirname, '..', '..');
const { context: kept } = JSON.parse(readFileSync(join(INFRA, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };

/** Everything that can be switched on, at once. */
export const EVERYTHING = {
  waf: 'true',
  databaseProxy: 'true',
  cpuScaling: 'steps',
  approval: 'true',
  alarmEmail: 'ops@example.com',
  domainName: 'hooks.example.com',
  hostedZoneId: 'Z0123456789',
  kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/0123abcd-0123-4567-89ab-0123456789ab',
};

/** The stacks as `cdk deploy -c name=value …` would make them. */
export function stacksOf(context: Context = {}, acknowledged = true): Stacks {
  const app = new App({ context: fullContext(context) });
  const options = optionsFrom(app.node);
  const stacks = buildStacks(app, options);
  return acknowledged ? acknowledge(stacks, options) : stacks;
}

export type Context = Record<string, unknown>;

/** What cdk.json has, and what was given. */
export function fullContext(context: Context): Context {
  return { ...kept, repository: 'acme/posthorn', ...context };
}

const synthesized = new Map<string, { stacks: Stack[]; templates: Record<string, Template> }>();

/** All stacks and their templates, by the stack's name; made once for the same options. */
export function synthesizedFor(context: Context = {}): { stacks: Stack[]; templates: Record<string, Template> } {
  const key = JSON.stringify(context);
  const known = synthesized.get(key);
  if (known) return known;
  const stacks = allStacks(stacksOf(context));
  const templates = Object.fromEntries(stacks.map((stack) => [stack.stackName, Template.fromStack(stack)]));
  synthesized.set(key, { stacks, templates });
  return { stacks, templates };
}

/** The template of each stack, by the stack's name. */
export function templatesOf(context: Context = {}): Record<string, Template> {
  return synthesizedFor(context).templates;
}

const merged = new Map<string, Template>();

/** All stacks of one environment and one region as if they were one: what a stack takes from another is what the other exports. */
export function templateOf(context: Context = {}): Template {
  const key = JSON.stringify(context);
  const known = merged.get(key) ?? Template.fromJSON(joined(Object.values(templatesOf(context))));
  merged.set(key, known);
  return known;
}

/** What the library puts into every stack. */
const SHARED = new Set(['CDKMetadata']);

function joined(templates: Template[]): Record<string, unknown> {
  const parts = templates.map((template) => template.toJSON() as { Resources: object; Outputs?: Record<string, Output> });
  const exported = Object.fromEntries(
    outputsOf(parts).flatMap(([, { Export, Value }]) => (Export ? [[Export.Name, Value]] : [])),
  );
  const ids = parts.flatMap(({ Resources }) => Object.keys(Resources)).filter((id) => !SHARED.has(id));
  if (new Set(ids).size < ids.length) throw new Error('two stacks have a resource of one id: they can not be looked at as one');
  const own = outputsOf(parts).filter(([, { Export }]) => !Export);
  const all = {
    Resources: Object.assign({}, ...parts.map(({ Resources }) => Resources)) as object,
    Outputs: Object.fromEntries(own),
  };
  const resolved = JSON.stringify(all).replaceAll(/\{"Fn::ImportValue":"([^"]+)"\}/g, (_all, name: string) =>
    JSON.stringify(exported[name]),
  );
  return JSON.parse(resolved) as Record<string, unknown>;
}

function outputsOf(parts: { Outputs?: Record<string, Output> }[]): [string, Output][] {
  return parts.flatMap(({ Outputs = {} }) => Object.entries(Outputs));
}

interface Output {
  Value: unknown;
  Export?: { Name: string };
}

export interface Resource {
  Type: string;
  Properties: any;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

/** The resources of one type, by logical id. */
export function resourcesOf(template: Template, type: string): Record<string, Resource> {
  return template.findResources(type) as Record<string, Resource>;
}

/** The one resource of a type of which there is one, or of those the one that `is` says. */
export function only(template: Template, type: string, is: (properties: any) => boolean = () => true): Resource {
  const found = Object.values(resourcesOf(template, type)).filter(({ Properties }) => is(Properties));
  if (found.length !== 1) throw new Error(`${found.length} of ${type}, not one`);
  return found[0]!;
}

/** Logical ids of everything that CloudFormation makes before this resource: what it refers to or depends on, and what those need. */
export function neededBy(template: Template, id: string): Set<string> {
  const { Resources } = template.toJSON() as { Resources: Record<string, Resource> };
  const found = new Set<string>();
  const visit = (at: string): void => {
    const { DependsOn, ...rest } = Resources[at]!;
    const references = [...textOf(rest).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"|\$\{(\w+)[.}]/g)].map(([, a, b]) => a ?? b!);
    for (const next of [...references, ...(DependsOn ?? [])])
      if (next in Resources && !found.has(next)) {
        found.add(next);
        visit(next);
      }
  };
  visit(id);
  return found;
}

/** The logical id of the one resource of this type whose id begins so. */
export function idOf(template: Template, type: string, start: string): string {
  const found = Object.keys(resourcesOf(template, type)).filter((id) => id.startsWith(start));
  if (found.length !== 1) throw new Error(`${found.length} of ${type} begin with ${start}, not one`);
  return found[0]!;
}

/** Text of a value with its references, for patterns. */
export function textOf(value: unknown): string {
  return JSON.stringify(value);
}
