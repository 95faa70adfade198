import { Injectable, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { routeOf, type Route } from './route.js';

/**
 * Every route that this process serves, as the controllers declare them. Routes for all methods are left out: they only refuse what
 * is not supported.
 */
@Injectable()
export class RouteCatalog {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** In the order in which they are declared. */
  all(): Route[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      const controller = metatype as Type | null;
      if (!controller) return [];
      const handlers = this.scanner.getAllMethodNames(controller.prototype as object);
      return handlers
        .map((handler) => routeOf(controller, handler))
        .filter((route): route is Route => route !== null && route.method !== 'ALL');
    });
  }
}
