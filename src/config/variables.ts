import { z } from 'zod';
import { limitVariables } from './limit-variables.js';
import { retentionVariables } from './retention-variables.js';
import { clientCertificate, egressProxyUrl, ports, subnets } from './egress-variables.js';
import { kmsKeyId } from './kms-variables.js';
import { jwtAudience, jwtPublicKeys, jwtSecrets } from './jwt-variables.js';
import { portalVariables } from './portal-variables.js';

const list = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number from ${min} to ${max}.`,
    )
    .transform(Number);

const url = (protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol) && new URL(text).hostname !== '',
      `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`,
    );

const flag = z
  .string()
  .refine((text) => ['true', 'false', '1', '0'].includes(text), 'must be true or false.')
  .transform((text) => text === 'true' || text === '1');

const oneOf = <const Options extends readonly [string, ...string[]]>(options: Options) =>
  z.enum(options, { error: `must be ${options.join(', ').replace(/, ([^,]*)$/, ' or $1')}.` });

const roles = z
  .string()
  .transform(list)
  .refine(
    (given) => given.length > 0 && given.every((role) => role === 'api' || role === 'worker'),
    'must be api, worker or api,worker.',
  );

const retrySchedule = z
  .string()
  .transform(list)
  .refine(
    (seconds) =>
      seconds.every((text) => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 2_592_000) && seconds.length <= 50,
    'must be a comma-separated list of at most 50 delays in whole seconds, such as 5,300,1800, or empty for a single attempt.',
  )
  .transform((seconds) => seconds.map(Number));

const encryptionKeys = z
  .string()
  .transform((text) => list(text).map((key) => Buffer.from(key, 'base64')))
  .refine(
    (keys) => keys.length > 0 && keys.every((key) => key.length === 32),
    'must be base64 of 32 bytes (a comma-separated list while keys change).',
  );

const hours = z
  .string()
  .refine((text) => /^\d+(\.\d+)?$/.test(text) && Number(text) > 0, 'must be a number of hours above 0, such as 120 or 0.5.')
  .transform(Number);

const handoff = z
  .string()
  .refine(
    (text) => ['on', 'off'].includes(text) || (/^\d+$/.test(text) && Number(text) <= 100),
    'must be on, off or a percentage from 0 to 100.',
  )
  .transform((text) => (text === 'on' || text === 'off' ? text : Number(text)));

const serviceName = z
  .string()
  .refine(
    (text) => /^[A-Za-z0-9][\w.-]{0,63}$/.test(text),
    'must be letters, digits, dots, hyphens and underscores, 64 at most, such as posthorn-staging.',
  );

const listenerArn = z
  .string()
  .refine(
    (text) => /^arn:[^:]+:elasticloadbalancing:[a-z0-9-]+:[^:]*:listener\/app\//.test(text),
    'must be the ARN of a listener of an application load balancer, arn:aws:elasticloadbalancing:…:listener/app/….',
  );

/**
 * Every environment variable that Posthorn reads, with its meaning. A test compares the README's table with it.
 * The AWS SDK also reads variables of its own (credentials). So does the OpenTelemetry SDK, if traces are on: the other OTEL_* variables.
 */
export const variables = z.object({
  PORT: wholeNumber(0, 65_535).default(3000).describe('Port of the HTTP API'),
  HOST: z.string().default('0.0.0.0').describe('Address the HTTP API listens on'),
  REQUEST_TIMEOUT_SECONDS: wholeNumber(1, 50)
    .default(5)
    .describe(
      'Within this time after its body has arrived a request is answered, or refused with 503. Batches and imports have 30 s',
    ),
  ...portalVariables,
  METRICS_PORT: wholeNumber(0, 65_535).default(9464).describe('Port of /metrics for Prometheus, on HOST; 0 disables it'),
  ROLES: roles.default(['api', 'worker']).describe('What this process does: api, worker or both'),
  DATABASE_URL: url(['mysql:', 'mariadb:'])
    .optional()
    .describe('URL of MySQL, MariaDB or TiDB; without it an SQLite file in DATA_DIR is used'),
  DATABASE_POOL_SIZE: wholeNumber(4, 500).default(20).describe('Maximum number of database connections of this process'),
  REDIS_URL: url(['redis:', 'rediss:']).optional().describe('URL of Redis or Valkey; without it the cache is in the process'),
  SQS_QUEUE_URL: url(['http:', 'https:']).optional().describe('URL of the SQS queue; without it an emulator runs in the process'),
  SQS_DLQ_URL: url(['http:', 'https:'])
    .optional()
    .describe("URL of the dead-letter queue; without it the one in the queue's redrive policy is used"),
  AWS_REGION: z.string().optional().describe('AWS region of the queue and of KMS; without it the one in SQS_QUEUE_URL is used'),
  AWS_DEFAULT_REGION: z.string().optional().describe('Used if AWS_REGION is not set'),
  AWS_ENDPOINT_URL: url(['http:', 'https:']).optional().describe('Another endpoint for every AWS service (for emulators)'),
  AWS_ENDPOINT_URL_SQS: url(['http:', 'https:']).optional().describe('Another endpoint for SQS (for emulators)'),
  RELEASE_LISTENER_ARN: listenerArn
    .optional()
    .describe(
      'On ECS, the ARN of the production listener: a task takes work from queue and scanner in proportion to its share of that traffic; without it a task takes all work',
    ),
  ECS_CONTAINER_METADATA_URI_V4: url(['http:', 'https:'])
    .optional()
    .describe('Set by ECS; used together with RELEASE_LISTENER_ARN'),
  AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: url(['http:', 'https:'])
    .optional()
    .describe('Another endpoint for load balancers (for emulators)'),
  JWT_SECRET: jwtSecrets
    .optional()
    .describe(
      'Signs and checks API tokens (HS256); generated in DATA_DIR outside production. In a comma-separated list the first signs, all verify',
    ),
  JWT_PUBLIC_KEYS: jwtPublicKeys
    .optional()
    .describe(
      "Verifies API tokens that an identity provider signs (RS256, ES256, EdDSA): public keys in PEM, a JWKS document, or the https URL of one; without it only JWT_SECRET's tokens are valid",
    ),
  JWT_ISSUER: z.string().optional().describe('The iss that tokens of JWT_PUBLIC_KEYS must have'),
  JWT_AUDIENCE: jwtAudience
    .optional()
    .describe(
      'The aud that tokens of JWT_PUBLIC_KEYS must have (one of a comma-separated list); in production it is needed with them',
    ),
  ENCRYPTION_KEY: encryptionKeys
    .optional()
    .describe('Base64 of 32 bytes; encrypts secrets at rest. In a comma-separated list the first encrypts, all decrypt'),
  ENCRYPTION_KMS_KEY_ID: kmsKeyId
    .optional()
    .describe(
      'Key of AWS KMS (id, ARN, or alias/name) that encrypts the data keys with which secrets are sealed at rest; without it ENCRYPTION_KEY seals them. ENCRYPTION_KEY is needed all the same',
    ),
  AWS_ENDPOINT_URL_KMS: url(['http:', 'https:']).optional().describe('Another endpoint for KMS (for emulators)'),
  DATA_DIR: z.string().default('.data').describe('Folder of the embedded database and the generated secrets'),
  NODE_ENV: z
    .string()
    .optional()
    .describe('With production the service refuses to start with embedded dependencies or generated secrets'),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Lowest level that is logged'),
  SERVICE_NAME: serviceName
    .default('posthorn')
    .describe('Name of this installation, in every log line, metric and trace; give each one its own if two share an account'),
  RETRY_SCHEDULE: retrySchedule
    .default([5, 300, 1800, 7200, 18_000, 36_000, 36_000])
    .describe('Seconds before each retry; empty for a single attempt'),
  DELIVERY_TIMEOUT_SECONDS: wholeNumber(1, 30).default(15).describe('Time limit of one attempt'),
  DELIVERY_CONCURRENCY: wholeNumber(10, 10_000)
    .default(1_024)
    .describe('Maximum number of attempts in progress in this process; never more than 1/8 of its open files'),
  ALLOWED_SUBNETS: subnets
    .optional()
    .describe(
      'Private subnets that deliveries may reach. The default is none; on the embedded database outside production it is loopback',
    ),
  ALLOWED_PORTS: ports
    .optional()
    .describe(
      'Ports that endpoints may have although they belong to other protocols (the list that browsers refuse, with those for mail); the default is none',
    ),
  EGRESS_PROXY_URL: egressProxyUrl
    .optional()
    .describe(
      'HTTP proxy for deliveries, http://user:password@proxy:3128 or https://…: it is asked with CONNECT for addresses that were checked here; without it deliveries connect directly',
    ),
  CLIENT_CERTIFICATE: clientCertificate
    .optional()
    .describe(
      'PEM text of a certificate, its chain and its private key: shown to https endpoints that ask for a client certificate (mTLS); a line break may be written as a backslash and an n',
    ),
  SIGNATURE_HEADERS: oneOf(['webhook', 'svix', 'both'])
    .default('webhook')
    .describe('Names of the signature headers: webhook-…, svix-… or both'),
  HANDOFF: handoff
    .default('on')
    .describe(
      'Share of deliveries that skip SQS inside one process: on (99 %; the rest goes through SQS, so that a fault there is noticed soon), off or a percentage',
    ),
  ENDPOINT_HTTPS_ONLY: flag.default(false).describe('Refuse endpoint URLs that are not https'),
  ENDPOINT_DISABLE_AFTER_HOURS: hours
    .default(120)
    .describe(
      'An endpoint is disabled if all its messages have failed for more than this many hours. A failure after more than twice that time does not disable it, but starts the count again. Fractions are allowed',
    ),
  DEFAULT_SIGNATURE_TYPE: oneOf(['hmac256', 'ed25519'])
    .default('hmac256')
    .describe('Type of the signing secrets that are generated'),
  ...retentionVariables,
  ...limitVariables,
  OPERATIONAL_WEBHOOK_URL: url(['http:', 'https:'])
    .optional()
    .describe('URL of a Svix-compatible server that gets the operational webhooks; without it this service sends them itself'),
  MIGRATE_ON_START: flag
    .optional()
    .describe('Run database migrations at start; default true on the embedded database, else false'),
  DRAIN_SECONDS: wholeNumber(0, 60)
    .optional()
    .describe('How long HTTP is still served after SIGTERM; default 10 with SQS, 0 embedded'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(['http:', 'https:'])
    .optional()
    .describe(
      'URL of an OpenTelemetry collector (OTLP over HTTP); traces are sent to /v1/traces there; without it there are none',
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url(['http:', 'https:'])
    .optional()
    .describe('Complete URL for traces; has priority over OTEL_EXPORTER_OTLP_ENDPOINT'),
  OTEL_SDK_DISABLED: flag.default(false).describe('true disables traces, whatever else is set'),
});

export type Variables = z.infer<typeof variables>;

/** What only the command `migrate` reads, beside the variables above. A running service never has these credentials in its configuration. */
export const migrationVariables = z.object({
  DATABASE_MIGRATION_URL: url(['mysql:', 'mariadb:'])
    .optional()
    .describe(
      'Read by the command migrate only: DATABASE_URL with the user that changes tables; without it the user of DATABASE_URL',
    ),
  DATABASE_ADMIN_URL: url(['mysql:', 'mariadb:'])
    .optional()
    .describe(
      'Read by the command migrate only: URL with a user that may make users; with it migrate makes the users of DATABASE_URL and DATABASE_MIGRATION_URL, with the rights that they need',
    ),
});
