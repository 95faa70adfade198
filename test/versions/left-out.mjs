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
  buildBefore: '2ad3e4ca4a6c944052ac176568914d2ba9847aa7',
  /** @type {LeftOut[]} */
  tests: [
    {
      roles: ['api', 'api,worker'],
      file: 'idempotency',
      because: 'on a busy machine it takes its own lateness for that of Redis, and runs a repeated key again',
    },
    { roles: ['api', 'api,worker'], file: 'audit-log', because: 'it has no audit log' },
    { roles: ['api', 'worker', 'api,worker'], file: 'running-task', because: 'it does not say that it runs' },
    { roles: ['api,worker'], file: 'poller', because: 'it moves the place of a consumer when a page is handed out' },
    { roles: ['api', 'api,worker'], file: 'nesting', because: 'it takes bodies of any depth' },
    { roles: ['api', 'api,worker'], file: 'source-text', because: 'it shows payloads as JavaScript reads them' },
    { roles: ['api', 'api,worker'], file: 'schema-source', because: 'it shows schemas and examples as JavaScript reads them' },
    {
      roles: ['api', 'api,worker'],
      file: 'message',
      test: 'messages the delivered body is the raw payload where one is given',
      because: 'it shows a raw payload as JavaScript reads it',
    },
    ...[
      ['batch', 'a batch of messages may be larger than a single message, up to 16 MiB'],
      ['message', 'messages creating refuses a body of 8 MB'],
    ].map(([file, test]) => ({
      roles: ['api', 'api,worker'],
      file,
      test,
      because: 'it closes the connection before a body that is too large has arrived, and the answer may be lost',
    })),
    ...[
      ['dead-letter', 'it knows no operators, and an organisation sees and moves the tasks of others'],
      ['safety-headers', 'its answers lack the headers'],
      ['put', 'a PUT by uid takes the uid away the second time'],
      ['event-type-flags', 'it knows one flag, and no groups'],
      ['event-type-yaml', 'it takes no YAML'],
      ['application-filters', 'it does not know the filters'],
      ['request-line', 'its lines have no ids of messages'],
      ['waiting-destinations', 'it does not know include_waiting'],
      ['path-names', 'it takes names that are steps in a URL'],
      ['poller-iterator', 'it has no code of its own for an iterator that is none'],
      ['unsupported', 'it says of some calls of official clients that there is no such route'],
      ['sendable-headers', 'it takes headers that its HTTP client refuses'],
      ['endpoint-headers', 'it takes headers that its HTTP client refuses'],
      ['send-example', 'it takes examples for endpoints that are disabled'],
      ['event-type-import', 'it takes no YAML'],
      ['limits', 'it has other time limits'],
      ['search', 'it does not search'],
      ['operators-view', 'it has no views for operators'],
      ['demo', 'its links lead to the page of another product'],
      ['api-token', 'it knows no API keys'],
      ['identity-provider', 'it knows no public keys'],
      ['expire-tokens', 'it knows no expiry of a whole organisation'],
      ['auth', 'it takes other spellings of a token, and clocks that differ by 15 minutes'],
      ['tokens', 'it takes other spellings of a token, and revokes none of an organisation'],
      ['bounds', 'it has no limits on lists, and works at once'],
      ['page-size', 'its pages have any size'],
      ['odd-inputs', 'it reads odd queries and long paths otherwise'],
      ['count-limits', 'it has no limits of counts'],
      ['message-quota', 'it has no quotas'],
      ['request-throttle', 'it has no rates'],
    ].map(([file, because]) => ({ roles: ['api', 'api,worker'], file, because })),
    ...[
      ['application', 'the list answers ?limit=0 with 422'],
      ['endpoint', 'endpoints listing answers limit=0 with 422'],
      ['attempt-lists', 'attempts that are not repeated as messages of an endpoint are filtered by status'],
      [
        'attempt-lists',
        'attempts that are not repeated listed by endpoint are filtered by status and by class of the HTTP status',
      ],
      ['event-type', 'the list may be turned round, page by page and back'],
    ].map(([file, test]) => ({ roles: ['api', 'api,worker'], file, test, because: 'it lists otherwise' })),
    ...[
      [
        'dead-letter',
        'a delivery whose workers died again and again stays one while its endpoint is disabled, and whoever redrives it is told so',
      ],
      ['recover', 'recover or another recover is refused while the endpoint is disabled'],
      ['recover', 'recover or another replay-missing is refused while the endpoint is disabled'],
      ['recover', 'recover or another bulk-replay is refused while the endpoint is disabled'],
      ['resend', 'resending a message that was given up to a disabled endpoint is refused with the reason, until it is enabled'],
    ].map(([file, test]) => ({
      roles: ['api', 'api,worker'],
      file,
      test,
      because: 'it takes what is to be sent to a disabled endpoint, and sends nothing',
    })),
    ...[
      'has succeeded when interim answers that nobody asked for come before the 200',
      'has succeeded when the answer has long, folded and odd headers',
      'is one request when the receiver closes a new connection before any answer',
      'is one request when the receiver resets a new connection before any answer',
      'says what is wrong with an answer that is not HTTP, and is one request',
    ].map((test) => ({
      roles: ['worker', 'api,worker'],
      file: 'delivery-safety',
      test: `a delivery ${test}`,
      because: 'its HTTP client takes odd answers for none',
    })),
    {
      roles: ['api', 'worker', 'api,worker'],
      file: 'unreadable-endpoint',
      because: 'one such endpoint fails its whole application, and no attempt tells the reason',
    },
    { roles: ['worker', 'api,worker'], file: 'fairness', because: 'slow endpoints take every permit of it' },
    ...[25, 465, 587, 22, 6000, 10080, 0].map((port) => ({
      roles: ['api', 'api,worker'],
      file: 'delivery-addresses',
      test: `a port of another protocol is refused for an endpoint: ${port}`,
      because: 'it takes endpoints with any port',
    })),
    {
      roles: ['worker', 'api,worker'],
      file: 'delivery-addresses',
      test: 'a port of another protocol fails the attempts of an endpoint that has it from before, which are retried',
      because: 'it sends to any port',
    },
    {
      roles: ['api', 'worker', 'api,worker'],
      file: 'gone',
      test: 'an endpoint that answers 410 Gone has a state that tells why and since when it is disabled, whatever is changed later',
      because: 'it neither stores nor tells it',
    },
    {
      roles: ['api', 'api,worker'],
      file: 'endpoint-secret',
      test: 'secrets of endpoints have a time until which an earlier one signs, in the state of the endpoint',
      because: 'it does not tell it',
    },
    {
      roles: ['api', 'worker', 'api,worker'],
      file: 'delivery-disable',
      because: 'its clock of failures never forgets',
    },
    {
      roles: ['worker', 'api,worker'],
      file: 'background-task',
      test: 'a background task that can not be read keeps no other one waiting, is an error in the log, and is given up in the end',
      because: 'one that it can not read keeps the others waiting',
    },
  ],
};
