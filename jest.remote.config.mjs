import inCompose from './jest.compose.config.mjs';

/** Files that can not run against several processes behind a load balancer, and why. What needs more than an address is left out already. */
const CAN_NOT = {
  'api-token':
    'a process hears within a second that a key has ended; the tests ask at once (api-token.services.test.ts has two processes)',
  tokens:
    'a process hears within a second of what another revoked; the tests ask at once (tokens.services.test.ts has two processes)',
};

/** What `npm run test:remote` runs, against a deployed installation. @type {import('jest').Config} */
export default {
  ...inCompose,
  testMatch: inCompose.testMatch.filter((file) => !Object.keys(CAN_NOT).some((name) => file.endsWith(`/${name}.e2e.test.ts`))),
};
