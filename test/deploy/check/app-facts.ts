import type { Fault } from './fault.js';
import { FILES, type FileName, type Project } from './project.js';
import { lineAtOffset } from './text.js';

/** A number of the application's source, and where it stands. */
export interface Fact {
  value: number;
  file: string;
  line: number;
}

/** What the deployment relies on and only the application's source says. */
export interface AppFacts {
  keepAliveMs: Fact;
  stopLimitMs: Fact;
  leaseMarginMs: Fact;
  visibilitySeconds: Fact;
  maxReceives: Fact;
  retentionSeconds: Fact;
  /** Paths of the health controller. */
  healthRoutes: readonly string[];
  /** What `node dist/cli.js healthcheck` asks when it is told nothing else. */
  usualHealthPath: string;
  usualHealthPort: number;
  /** The longest that it waits for an answer. */
  healthLimitMs: Fact;
}

/** Reads them. A pattern that no longer matches is a fault of its own: a rule must not fall silent because a name changed. */
export function readAppFacts(project: Project, faults: Fault[]): AppFacts | undefined {
  const number = (name: FileName, pattern: RegExp) => findNumber(project, name, pattern, faults);
  const facts = {
    keepAliveMs: number('http', /KEEP_ALIVE_MS = ([\d_]+)/),
    stopLimitMs: number('start', /STOP_LIMIT_MS = ([\d_]+)/),
    leaseMarginMs: number('config', /LEASE_MARGIN_MS = ([\d_]+)/),
    visibilitySeconds: number('queue', /VisibilityTimeout: '(\d+)'/),
    maxReceives: number('queue', /maxReceiveCount: (\d+)/),
    retentionSeconds: number('queue', /RETENTION_SECONDS = ([\d_ *]+)/),
    healthLimitMs: number('healthcheck', /LIMIT_MS = ([\d_]+)/),
    usualHealthPort: number('healthcheck', /healthcheck\(url \?\? `http:\/\/127\.0\.0\.1:\$\{portOf\(environment, (\d+)\)\}/),
  };
  const [, usualHealthPath] = /healthcheck\(url \?\? `[^`]*\)\}(\/[^`]*)`/.exec(project.texts.healthcheck) ?? [];
  if (!usualHealthPath || Object.values(facts).includes(undefined)) return undefined;
  return {
    ...(facts as { [Name in keyof typeof facts]: Fact }),
    usualHealthPort: facts.usualHealthPort!.value,
    usualHealthPath,
    healthRoutes: routesOf(project.texts.health),
  };
}

function findNumber(project: Project, name: FileName, pattern: RegExp, faults: Fault[]): Fact | undefined {
  const text = project.texts[name];
  const found = pattern.exec(text);
  const file = FILES[name];
  if (!found) {
    faults.push({
      file,
      line: 1,
      message: `nothing matches ${pattern.source} any more: tell test/deploy/check/app-facts.ts where that number went`,
    });
    return undefined;
  }
  // A product such as 14 * 86_400.
  const value = found[1]!.split('*').reduce((product, factor) => product * Number(factor.trim().replaceAll('_', '')), 1);
  return { value, file, line: lineAtOffset(text, found.index) };
}

function routesOf(controller: string): string[] {
  const [, base = ''] = /@Controller\('([^']*)'\)/.exec(controller) ?? [];
  return [...controller.matchAll(/@Get\((?:'([^']*)')?\)/g)].map(([, path]) => `/${[base, path].filter(Boolean).join('/')}`);
}
