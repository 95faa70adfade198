/**
 * What is left out while a build before is beside this one. `roles`: those of the build before in which it is; `file`: in test/e2e,
 * without its endings; `test`: full name of one test, without it the whole file is meant; and why.
 * @typedef {{ roles: ('api' | 'worker' | 'api,worker')[], file: string, test?: string, because: string }} LeftOut
 */

/** What looks or reaches into the process that does the work, and is not beside it. True whatever the two builds are. @type {LeftOut[]} */
export const INSIDE = [
  ...['bound-sealing', 'kms', 'rekey', 'url-password'].map((file) => ({
    roles: ['api', 'worker', 'api,worker'],
    file,
    because: 'binds secrets to their rows, which is turned on when no build from before it runs any more',
  })),
  ...['attempt-counting', 'attempt-stats', 'endpoint-stats-many'].map((file) => ({
    roles: ['api', 'worker', 'api,worker'],
    file,
    because: 'counts attempts itself, within the process',
  })),
  ...['roles', 'memory-limits'].map((file) => ({
    roles: ['api', 'worker', 'api,worker'],
    file,
    because: 'starts processes of this build with settings of its own',
  })),
  {
    roles: ['api', 'worker', 'api,worker'],
    file: 'hanging-cost',
    because: 'counts what this process asks of the database and the queue',
  },
  {
    roles: ['api', 'api,worker'],
    file: 'searched-pages',
    because: 'the build before searches everything for a page',
  },
  { roles: ['api', 'api,worker'], file: 'request-limit', because: 'holds up the process that answers from within' },
  { roles: ['api', 'api,worker'], file: 'errors', because: 'makes the database fail from within the process that answers' },
  {
    roles: ['api'],
    file: 'poller',
    because: 'needs another time after which messages are handed out, within the process that answers',
  },
  { roles: ['api', 'api,worker'], file: 'audit-faults', because: 'makes the database fail from within the process that answers' },
  {
    roles: ['api', 'worker', 'api,worker'],
    file: 'overload',
    because: 'makes the database stand still from within the process that answers',
  },
  { roles: ['api'], file: 'openapi', because: 'asks the process that answers for its routes' },
  { roles: ['api'], file: 'permission-matrix', because: 'asks the process that answers for its routes' },
  { roles: ['worker'], file: 'retention', because: 'moves the clock of expiry, within the worker' },
  ...['row-retention', 'deleted-retention'].map((file) => ({
    roles: ['api', 'worker', 'api,worker'],
    file,
    because: 'moves the clock of the removal, within the process that does it',
  })),
  {
    roles: ['api,worker'],
    file: 'tokens',
    because: 'a process hears within a second of what another revoked; the tests ask at once',
  },
  { roles: ['api', 'api,worker'], file: 'message-key', because: 'takes the cache away within the process that answers' },
  {
    roles: ['worker'],
    file: 'message-key',
    test: 'a message under an idempotency key is made again under a key that was forgotten, and its key is removed',
    because: 'moves the clock of expiry, within the worker',
  },
  {
    roles: ['api', 'api,worker'],
    file: 'health',
    test: 'health is not ready while it is draining',
    because: 'drains one process, and may ask the other',
  },
  {
    roles: ['worker', 'api,worker'],
    file: 'background-task',
    test: 'a background task waits while its process gets no production traffic',
    because: 'shuts the release gate of one process, and the other goes on',
  },
  ...[0, 100].map((share) => ({
    roles: ['api,worker'],
    file: 'delivery-load',
    test: `endpoints that never answer, with ${share} % handed over inside the process do not hold up those that do`,
    because: 'counts what one process allows an endpoint; two allow it twice',
  })),
];

/**
 * What the build before gets wrong and this one mends. True for one build before only: when the id moves on, this is emptied (the run
 * does not start until it is).
 */
export const MENDED = {
  buildBefore: 'bc8e2a19dd2672ddd74ae4bcbed72b1d053114a2',
  /** @type {LeftOut[]} */
  tests: [
    ...[
      ['demo', 'its links lead to the page of another product'],
      ['docs', 'its pages have another look, and no reference'],
      ['operators-view', 'it has no views for operators'],
      ['payload-kind', 'it does not say what a payload is'],
      ['portal-pages', 'it has no pages'],
      ['portal-settings', 'it has no pages'],
      ['search', 'it does not search'],
      ['send-example', 'it has no examples for the token of an application'],
    ].map(([file, because]) => ({ roles: ['api', 'api,worker'], file, because })),
    ...['gives a token for the application', 'under its old name needs none', 'works through the client library'].map((test) => ({
      roles: ['api', 'api,worker'],
      file: 'auth',
      test: `portal access ${test}`,
      because: 'its links lead to the page of another product',
    })),
    ...[
      [
        'gone',
        'an endpoint that answers 410 Gone has a state that tells why and since when it is disabled, whatever is changed later',
      ],
      ['delivery-disable', 'an endpoint that does nothing but fail has a state that tells why it is disabled, and since when'],
      [
        'delivery-disable',
        'an endpoint that does nothing but fail has a state that tells that a request disabled it, until it is enabled',
      ],
      ['endpoint-secret', 'secrets of endpoints have a time until which an earlier one signs, in the state of the endpoint'],
    ].map(([file, test]) => ({
      roles: ['api', 'worker', 'api,worker'],
      file,
      test,
      because: 'it does not answer the state of an endpoint, and does not write since when it is disabled',
    })),
    {
      roles: ['api,worker'],
      file: 'delivery-disable',
      test: 'while the egress proxy is away attempts are listed and retried, and no endpoint counts as failing',
      because: 'each of the two processes says once that the proxy is away',
    },
  ],
};
