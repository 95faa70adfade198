import { RequestMethod, type ExecutionContext, type Type } from '@nestjs/common';
import {
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  RouteParamtypes,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/internal';
import type { z } from 'zod';
import { OPERATION, TAG, type OperationInfo, type TagName } from '../http-support/operation.js';
import { CAPABILITY, usualCapability, type Capability } from './capability.js';
import { PERMISSION, type Permission } from './permission.js';

/** What a controller's method says of itself by its decorators. */
export interface Route {
  /** Such as `GET`. */
  method: string;
  /** From the root, with parameters as `{app_id}`. */
  path: string;
  /** The status of an answer that sets none of its own. */
  status: number;
  /** Undefined where it was forgotten: such a route is refused to everybody. */
  permission: Permission | undefined;
  /** An application's token needs one of them. */
  capabilities: readonly Capability[];
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
  /** What the OpenAPI document says of it; undefined for what is no part of the API. */
  operation: OperationInfo | undefined;
  tag: TagName | undefined;
}

interface Argument {
  schema?: z.ZodType;
}

/** The route that a method of a controller serves; null if it serves none. Of several paths the first stands for all. */
export function routeOf(controller: Type, handler: string): Route | null {
  const method = (controller.prototype as Record<string, unknown>)[handler];
  if (typeof method !== 'function') return null;
  const verb: RequestMethod | undefined = Reflect.getMetadata(METHOD_METADATA, method);
  if (verb === undefined) return null;
  const name = RequestMethod[verb];
  const told = <T>(key: string): T | undefined =>
    (Reflect.getMetadata(key, method) ?? Reflect.getMetadata(key, controller)) as T | undefined;
  return {
    method: name,
    path: pathOf(Reflect.getMetadata(PATH_METADATA, controller), Reflect.getMetadata(PATH_METADATA, method)),
    status: (Reflect.getMetadata(HTTP_CODE_METADATA, method) as number | undefined) ?? (name === 'POST' ? 201 : 200),
    permission: told<Permission>(PERMISSION),
    capabilities: told<Capability[]>(CAPABILITY) ?? usualCapability(name),
    query: schemaOf(controller, handler, RouteParamtypes.QUERY),
    body: schemaOf(controller, handler, RouteParamtypes.BODY),
    operation: told<OperationInfo>(OPERATION),
    tag: told<TagName>(TAG),
  };
}

const SERVED = new WeakMap<object, Route>();

/** The route whose handler is about to run. */
export function servedRoute(context: ExecutionContext): Route {
  const handler = context.getHandler();
  const known = SERVED.get(handler);
  if (known) return known;
  const route = routeOf(context.getClass<Type>() as Type, handler.name);
  if (!route) throw new Error(`${context.getClass().name}.${handler.name} serves no route.`);
  SERVED.set(handler, route);
  return route;
}

function schemaOf(controller: Type, handler: string, kind: RouteParamtypes): z.ZodType | undefined {
  const given = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<string, Argument>;
  const found = Object.entries(given).find(([key, { schema }]) => key.startsWith(`${kind}:`) && schema !== undefined);
  return found?.[1].schema;
}

function pathOf(...parts: (string | string[])[]): string {
  const steps = parts.flatMap((part) => [part].flat()[0]!.split('/')).filter((step) => step !== '');
  return `/${steps.map((step) => step.replace(/^:(\w+)$/, '{$1}')).join('/')}`;
}
