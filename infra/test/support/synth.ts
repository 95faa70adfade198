import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { acknowledge } from '../../lib/acknowledgements.ts';
import { optionsFrom } from '../../lib/options.ts';
import { PosthornStack } from '../../lib/posthorn-stack.ts';

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
};

/** The stack as `cdk deploy -c name=value …` would make it. */
export function stackOf(context: Record<string, string> = {}, acknowledged = true): PosthornStack {
  const app = new App({ context: { ...kept, repository: 'acme/posthorn', ...context } });
  const stack = new PosthornStack(app, 'Posthorn', optionsFrom(app.node));
  return acknowledged ? acknowledge(stack) : stack;
}

const templates = new Map<string, Template>();

/** Its template; made once for the same options. */
export function templateOf(context: Record<string, string> = {}): Template {
  const key = JSON.stringify(context);
  const known = templates.get(key) ?? Template.fromStack(stackOf(context));
  templates.set(key, known);
  return known;
}

export interface Resource {
  Type: string;
  Properties: any;
  DependsOn?: string[];
  DeletionPolicy?: string;
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
