import type { ExecutionContext, Type } from '@nestjs/common';
import type { z } from 'zod';
import { OPERATION, TAG, type OperationInfo, type TagName } from '../http-support/operation.js';
import { CAPABILITY, defaultCapability, type Capability } from './capability.js';
import { SENDS } from './key-scope.js';
import { handlerMetadata } from './nest-metadata.js';
import { PERMISSION, type Permission } from './permission.js';

/** What a controller's method says of itself by its decorators. */
export interface Route {
  /** Such as `GET`. */
  method: string;
  /** From the root, with parameters as `{app_id}`. */
  path: string;
  /** Undefined if the decorator was forgotten: such a route is refused to everybody. */
  permission: Permission | undefined;
  /** The token of an application needs one of them. */
  capabilities: readonly Capability[];
  /** Whether a key that may only send may call it. */
  sends: boolean;
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
  /** What the OpenAPI document says of it; undefined for pages and probes, which are not part of the API. */
  operation: OperationInfo | undefined;
  tag: TagName | undefined;
}

/** The route that a method of a controller serves; null if it serves none. */
export function routeOf(controller: Type, handler: string): Route | null {
  const found = handlerMetadata(controller, handler);
  if (!found) return null;
  const { method, paths, query, body } = found;
  const own = (controller.prototype as Record<string, object>)[handler]!;
  const declared = <T>(key: string): T | undefined =>
    (Reflect.getMetadata(key, own) ?? Reflect.getMetadata(key, controller)) as T | undefined;
  return {
    method,
    path: pathOf(paths),
    permission: declared<Permission>(PERMISSION),
    capabilities: declared<Capability[]>(CAPABILITY) ?? defaultCapability(method),
    sends: declared<boolean>(SENDS) ?? false,
    query,
    body,
    operation: declared<OperationInfo>(OPERATION),
    tag: declared<TagName>(TAG),
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

function pathOf(parts: string[]): string {
  const steps = parts.flatMap((part) => part.split('/')).filter((step) => step !== '');
  return `/${steps.map((step) => step.replace(/^:(\w+)$/, '{$1}')).join('/')}`;
}
