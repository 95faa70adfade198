import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, RouteParamtypes, ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import type { z } from 'zod';

/** What Nest's own decorators say of a handler. */
export interface HandlerMetadata {
  /** Such as `GET`. */
  method: string;
  /** The paths of the controller and of the handler. Of several paths the first stands for all. */
  paths: [controller: string, handler: string];
  /** The schemas beside `@Query` and `@Body`. */
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
}

/**
 * Reads what Nest's decorators wrote on a controller and its method; null if the method handles no request. Nest has no public way
 * for this, so it may move with any release. This is the only file that knows where it is; test/structure/internals.test.ts fails
 * if it moves.
 */
export function handlerMetadata(controller: Type, handler: string): HandlerMetadata | null {
  const method = (controller.prototype as Record<string, unknown>)[handler];
  if (typeof method !== 'function') return null;
  const verb: RequestMethod | undefined = Reflect.getMetadata(METHOD_METADATA, method);
  if (verb === undefined) return null;
  return {
    method: RequestMethod[verb],
    paths: [firstPath(controller), firstPath(method)],
    query: schemaOf(controller, handler, RouteParamtypes.QUERY),
    body: schemaOf(controller, handler, RouteParamtypes.BODY),
  };
}

function firstPath(target: object): string {
  return [Reflect.getMetadata(PATH_METADATA, target) as string | string[]].flat()[0]!;
}

function schemaOf(controller: Type, handler: string, kind: RouteParamtypes): z.ZodType | undefined {
  type Argument = { schema?: z.ZodType };
  const given = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<string, Argument>;
  const found = Object.entries(given).find(([key, { schema }]) => key.startsWith(`${kind}:`) && schema !== undefined);
  return found?.[1].schema;
}
