import { readdirSync } from 'node:fs';
import withoutServers from './jest.config.mjs';

/**
 * Files that can not run against a service in another container, and why. All others need nothing but its address, tokens, and a
 * receiver that it can reach.
 */
const CAN_NOT = {
  abort: 'needs short retry schedules',
  'audit-faults': 'makes the database fail from within',
  'audit-log': 'asks the running application for its routes',
  'bound-sealing': 'writes into the database what no request can',
  'attempt-counting': 'writes rows into the database, and counts them itself',
  'attempt-lists': 'needs short retry schedules',
  'attempt-stats': 'writes rows into the database, and counts them itself',
  'background-task': "starts a second service, and reads the first one's log",
  bounds: "reads the service's log, and counts turns of its event loop",
  'count-limits': 'needs low limits',
  'content-type': 'runs at several hand-off shares',
  'dead-letter': 'makes its letters in the database and the queue',
  'deliver-at': "reads the service's log",
  'deleted-retention': 'moves the clock of the removal, and looks into the database',
  'delivery-addresses': 'needs other allowed subnets',
  'delivery-bytes': 'runs at several hand-off shares',
  'delivery-disable': 'needs a short time until an endpoint is disabled',
  'delivery-load': 'runs at several hand-off shares and permits',
  'delivery-safety': 'needs short time limits',
  delivery: 'runs at several hand-off shares, with a short retry schedule',
  endpoint: 'starts a second service that takes https only',
  'endpoint-secret': 'starts a second service with another default kind of secret',
  errors: 'makes the database fail from within',
  'event-type-flags': 'writes what the release before would',
  'expire-tokens': 'runs a command on the database',
  demo: 'runs its receiver on loopback, with a short time limit',
  erase: 'runs a command on the database',
  fairness: 'needs few permits, and looks at them',
  gone: "needs short retry schedules, and reads the service's log",
  'hanging-cost': 'needs few permits, and counts calls of the database and the queue',
  health: 'drains the service',
  'identity-provider': 'needs the keys of an identity provider',
  kms: 'needs a KMS of its own, and writes into the database what no request can',
  limits: 'asks the running application for its settings',
  log: "reads the service's log",
  'operational-webhooks': 'needs short retry schedules',
  'memory-limits': 'starts a service of its own with small limits',
  'message-key': 'looks into the cache and the database',
  'message-quota': 'needs a low quota, and looks into the usage',
  nesting: 'writes into the database what no request can',
  'operators-view': 'lists the organisations of others too, and needs a long retry schedule',
  openapi: 'asks the running application for its routes',
  overload: 'makes the database stand still from within',
  'page-size': 'needs another time after which messages are handed out',
  'permission-matrix': 'asks the running application for its routes',
  'path-names': 'writes into the database what no request can',
  poller: 'needs another time after which messages are handed out',
  'repeated-tasks': 'hands the same task to the service twice, and looks at its permits',
  'request-limit': 'needs a short time limit, and holds up the work of requests from within',
  recover: 'needs short retry schedules',
  replay: 'needs short retry schedules',
  resend: 'needs short retry schedules',
  rekey: 'writes into the database what no request can',
  'request-throttle': 'needs low rates',
  'request-line': "reads the service's log",
  retention: 'moves the clock of expiry in the database',
  retry: 'needs short retry schedules and time limits',
  'row-retention': 'moves the clock of the removal, and looks into the database',
  'running-task': 'makes its tasks in the database',
  roles: 'starts services with other roles',
  'searched-pages': 'writes rows into the database',
  'sendable-headers': 'writes into the database what no request can',
  signature: 'runs at every kind of signature headers',
  'source-text': 'needs another time after which messages are handed out',
  stats: 'needs short retry schedules',
  throttle: 'runs at several hand-off shares',
  'unreadable-endpoint': 'writes into the database what no request can',
  'url-password': 'looks into the database',
  usage: 'needs short retry schedules',
  where: 'reads the database',
};

const files = readdirSync(new URL('./test/e2e', import.meta.url))
  .filter((file) => file.endsWith('.e2e.test.ts'))
  .filter((file) => !Object.hasOwn(CAN_NOT, file.replace('.e2e.test.ts', '')));

/** What `npm run test:compose` runs, inside the compose network. @type {import('jest').Config} */
export default {
  ...withoutServers,
  testMatch: files.map((file) => `<rootDir>/test/e2e/${file}`),
};
