import type { Context } from '../context.js';
import { portOf } from './order-rules.js';

/** `127.0.0.1:${NAME:-3000}:3000` */
const MAPPING = /^127\.0\.0\.1:(?:\$\{\w+:-(\d+)\}|(\d+)):(\d+)$/;

/** Ports are those on which the services listen, and only this machine reaches them. */
export function checkPorts({ compose, image, settings, tell }: Context): void {
  const taken = new Map<string, string>();
  for (const [name, service] of Object.entries(compose.services)) {
    for (const [index, mapping] of service.ports.entries()) {
      const path = ['services', name, 'ports', index];
      const [, usual, fixed, inside] = MAPPING.exec(mapping) ?? [];
      if (!inside) {
        tell(
          'compose',
          path,
          `publish the port as 127.0.0.1:\${NAME:-port}:port: without the address everybody in the network reaches a service whose secrets are in this file; it is ${mapping}`,
        );
        continue;
      }
      const outside = (usual ?? fixed)!;
      const listens = service.build === undefined ? Number(inside) : portOf(image.environment, settings.container.port, service);
      if (Number(inside) !== listens)
        tell('compose', path, `publish the port ${listens}, on which ${name} listens: nothing listens on ${inside}`);
      if (taken.has(outside)) tell('compose', path, `publish another port than ${outside}, which ${taken.get(outside)} has`);
      taken.set(outside, name);
    }
  }
  const { app } = compose.services;
  if (app && app.ports.length !== 1)
    tell('compose', ['services', 'app', 'ports'], `publish the port ${settings.container.port} of app, and no other`);
}
