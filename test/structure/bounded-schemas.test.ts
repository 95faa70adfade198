import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Type } from '@nestjs/common';
import 'reflect-metadata';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { routeOf, type Route } from '../../src/api/auth/route.js';

/** Where schemas of requests are declared. */
const SCHEMAS = ['src/api/**/*.schemas.ts', 'src/api/http-support/*.ts', 'src/api/message/message-extras.ts'];

let routes: Route[];
let declared: [string, z.ZodType][];

beforeAll(async () => {
  const controllers = await exportsOf(['src/api/**/*.controller.ts', 'src/health/*.controller.ts']);
  routes = controllers.flatMap(([, found]) => (typeof found === 'function' && found.prototype ? routesIn(found as Type) : []));
  declared = (await exportsOf(SCHEMAS)).filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType);
});

describe('a schema of a request', () => {
  it('has a maximum for each list, record and text', () => {
    const answers = new Set(routes.flatMap(({ operation }) => Object.values(operation?.answers ?? {})).flatMap(partsOf));
    const asked: [string, z.ZodType | undefined][] = routes.flatMap(({ method, path, query, body }) => [
      [`query of ${method} ${path}`, query],
      [`body of ${method} ${path}`, body],
    ]);
    // What no route names may still check a part of a request, such as one message of a batch.
    const others = declared.filter(
      ([name, schema]) => !answers.has(schema) && !/(Out|Page|Event|Range|Problem|Error)$/.test(name),
    );
    const unbounded = [...asked, ...others].flatMap(([name, schema]) => unboundedIn(schema).map((part) => `${name}: ${part}`));

    expect(routes.length).toBeGreaterThan(80);
    expect(unbounded).toEqual([]);
  });

  it.each([
    ['a text', z.object({ a: z.string().nullish() })],
    ['a text of a format', z.object({ a: z.iso.datetime() })],
    ['a list', z.array(z.literal('a')).optional()],
    ['a list inside', z.union([z.number(), z.object({ a: z.array(z.number()) })])],
    ['a record', z.object({ a: z.record(z.string().max(5), z.number()) }).transform((given) => given.a)],
    ['the keys of a record', z.record(z.string(), z.number()).meta({ maxProperties: 5 })],
    [
      'what a text becomes',
      z
        .string()
        .max(9)
        .transform((text) => [text])
        .pipe(z.array(z.string().max(9))),
    ],
  ])('without a maximum is found: %s', (_what, schema) => {
    expect(unboundedIn(schema)).not.toEqual([]);
  });
});

async function exportsOf(patterns: string[]): Promise<[string, unknown][]> {
  const found: [string, unknown][] = [];
  // One after the other: Jest can't load two modules at the same time that share a third.
  for (const file of globSync(patterns)) found.push(...Object.entries((await import(resolve(file))) as Record<string, unknown>));
  return found;
}

function routesIn(controller: Type): Route[] {
  return Object.getOwnPropertyNames(controller.prototype).flatMap((name) => routeOf(controller, name) ?? []);
}

function unboundedIn(schema: z.ZodType | undefined): string[] {
  return partsOf(schema ?? null).flatMap((part) => (isBounded(part) ? [] : [part.def.type]));
}

function isBounded(part: z.ZodType): boolean {
  if (part instanceof z.ZodRecord) return typeof part.meta()?.['maxProperties'] === 'number';
  if (!(part instanceof z.ZodArray || part instanceof z.ZodString || part instanceof z.ZodStringFormat)) return true;
  const { maxItems, maxLength } = z.toJSONSchema(part, { unrepresentable: 'any', io: 'input' });
  return maxItems !== undefined || maxLength !== undefined;
}

/** The schema and all schemas inside it. */
function partsOf(schema: z.ZodType | null): z.ZodType[] {
  const found = new Set<z.ZodType>();
  const visit = (value: unknown): void => {
    if (value instanceof z.ZodType) {
      if (found.has(value)) return;
      found.add(value);
      Object.values(value.def).forEach(visit);
      if (value instanceof z.ZodObject) Object.values(value.shape).forEach(visit);
    } else if (Array.isArray(value)) value.forEach(visit);
  };
  visit(schema);
  return [...found];
}
