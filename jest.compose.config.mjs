import { readdirSync } from 'node:fs';
import withoutServers from './jest.config.mjs';

/**
 * Files that can not run against a service in another container, and why. All others need nothing but its address, tokens, and a
 * receiver that it can reach.
 */
const CAN_NOT = {
  'attempt-lists': 'needs short retry schedules',
  'delivery-addresses': 'needs other allowed subnets',
  'delivery-bytes': 'runs at several hand-off shares',
  'delivery-disable': 'needs a short time until an endpoint is disabled',
  'delivery-load': 'runs at several hand-off shares and permits',
  'delivery-safety': 'needs short time limits',
  delivery: 'runs at several hand-off shares, with a short retry schedule',
  endpoint: 'starts a second service that takes https only',
  'endpoint-secret': 'starts a second service with another default kind of secret',
  openapi: 'looks into the module graph for the routes',
  'permission-matrix': 'looks into the module graph for the routes',
  log: "reads the service's log",
  resend: 'needs short retry schedules',
  retry: 'needs short retry schedules and time limits',
  signature: 'runs at every kind of signature headers',
  throttle: 'runs at several hand-off shares',
};

const files = readdirSync(new URL('./test/e2e', import.meta.url))
  .filter((file) => file.endsWith('.e2e.test.ts'))
  .filter((file) => !Object.hasOwn(CAN_NOT, file.replace('.e2e.test.ts', '')));

/** What `npm run test:compose` runs, inside the compose network. @type {import('jest').Config} */
export default {
  ...withoutServers,
  testMatch: files.map((file) => `<rootDir>/test/e2e/${file}`),
  testTimeout: 60_000,
};
