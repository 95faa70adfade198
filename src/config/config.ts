import { z } from 'zod';
import { limitsOf } from './limit-variables.js';
import { parseJwtSecrets, tooShort, type JwtSecrets } from './jwt-secrets.js';
import type { LocalSecrets } from './local-secrets.js';
import { limitOfOpenFiles } from './open-files.js';
import { regionOfKmsKey } from './kms-variables.js';
import { variables, type Variables } from './variables.js';

/** How much longer a lease is than the longest attempt: settling, its retries and a pause of the process take time too. */
const LEASE_MARGIN_MS = 30_000;
/** The hand-off share of `HANDOFF=on`. The rest goes through SQS, so that a fault on that path is noticed soon. */
const HANDOFF_ON = 0.99;

/** Of the files that the system lets this process open, attempts get this part, and kept connections as much again. The HTTP server has two thirds. */
const PART_OF_FILES = 1 / 8;
const LEAST_DELIVERIES = 10;

const databaseVariables = variables.pick({ DATABASE_URL: true, DATABASE_POOL_SIZE: true, DATA_DIR: true, NODE_ENV: true });

/** The configuration can't be used. `message` has one sentence for each variable that is wrong. */
export class BadConfiguration extends Error {
  constructor(readonly faults: readonly string[]) {
    super(
      `The configuration is not usable; correct these environment variables:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
  }
}

/** How many attempts may be in progress: as many as were set, if so many connections can be open. */
export function deliveriesWithin(set: number, openFiles: number): number {
  return Math.min(set, Math.max(LEAST_DELIVERIES, Math.floor(openFiles * PART_OF_FILES)));
}

/**
 * Turns the environment into a frozen, nested, typed object. Nothing else reads environment variables.
 * Outside production missing secrets come from `generateSecrets`, which is called at most once.
 * Throws BadConfiguration with all faults together.
 */
export function loadConfig(environment: NodeJS.ProcessEnv, generateSecrets: (dataDir: string) => LocalSecrets) {
  const parsed = variables.safeParse(withoutEmpty(environment));
  if (!parsed.success) throw new BadConfiguration(faultsOf(parsed.error));
  const env = parsed.data;
  const production = env.NODE_ENV === 'production';
  const faults = production ? missingForProduction(env) : [];
  if (env.SQS_QUEUE_URL && !awsRegion(env)) faults.push('AWS_REGION is missing: name the region of SQS_QUEUE_URL.');
  if (env.ENCRYPTION_KMS_KEY_ID && !kmsRegion(env))
    faults.push('AWS_REGION is missing: name the region of ENCRYPTION_KMS_KEY_ID.');
  if (env.RELEASE_LISTENER_ARN && !env.ECS_CONTAINER_METADATA_URI_V4)
    faults.push('ECS_CONTAINER_METADATA_URI_V4 is missing: RELEASE_LISTENER_ARN is for tasks on ECS, which sets it.');
  if (faults.length > 0) throw new BadConfiguration(faults);

  const secrets = env.JWT_SECRET && env.ENCRYPTION_KEY ? null : generateSecrets(env.DATA_DIR);
  return freeze({
    production,
    roles: { api: env.ROLES.includes('api'), worker: env.ROLES.includes('worker') },
    dataDir: env.DATA_DIR,
    http: { host: env.HOST, port: env.PORT, requestTimeoutMs: env.REQUEST_TIMEOUT_SECONDS * 1000 },
    portal: {
      publicUrl: env.PUBLIC_URL ?? null,
      frameAncestors: env.PORTAL_FRAME_ANCESTORS,
      name: env.PORTAL_NAME ?? null,
      logo: env.PORTAL_LOGO_URL ?? null,
      accent: env.PORTAL_ACCENT ?? null,
    },
    demo: env.DEMO === 'on' && isEmbedded(env) && !production,
    serviceName: env.SERVICE_NAME,
    log: { level: env.LOG_LEVEL },
    metrics: { port: env.METRICS_PORT },
    tracing: { url: tracesUrl(env) },
    database: {
      mysqlUrl: env.DATABASE_URL ?? null,
      poolSize: env.DATABASE_POOL_SIZE,
      migrateOnStart: env.MIGRATE_ON_START ?? !env.DATABASE_URL,
    },
    cache: { redisUrl: env.REDIS_URL ?? null },
    queue: {
      url: env.SQS_QUEUE_URL ?? null,
      deadLetterUrl: env.SQS_DLQ_URL ?? null,
      region: awsRegion(env) ?? 'us-east-1',
      customEndpoint: Boolean(env.AWS_ENDPOINT_URL_SQS ?? env.AWS_ENDPOINT_URL),
    },
    release: env.RELEASE_LISTENER_ARN
      ? {
          listenerArn: env.RELEASE_LISTENER_ARN,
          region: env.RELEASE_LISTENER_ARN.split(':')[3]!,
          metadataUrl: env.ECS_CONTAINER_METADATA_URI_V4!,
        }
      : null,
    auth: authOf(env.JWT_SECRET ?? parseJwtSecrets(secrets!.jwtSecret)!),
    identityProvider: {
      publicKeys: env.JWT_PUBLIC_KEYS ?? null,
      issuer: env.JWT_ISSUER ?? null,
      audience: env.JWT_AUDIENCE ?? null,
    },
    sealing: {
      keys: env.ENCRYPTION_KEY ?? [Buffer.from(secrets!.encryptionKey, 'base64')],
      kms: { keyId: env.ENCRYPTION_KMS_KEY_ID ?? null, region: kmsRegion(env) ?? 'us-east-1' },
    },
    delivery: {
      retrySchedule: env.RETRY_SCHEDULE,
      timeoutMs: env.DELIVERY_TIMEOUT_SECONDS * 1000,
      leaseMs: env.DELIVERY_TIMEOUT_SECONDS * 1000 + LEASE_MARGIN_MS,
      concurrency: deliveriesWithin(env.DELIVERY_CONCURRENCY, limitOfOpenFiles()),
      allowedPorts: env.ALLOWED_PORTS ?? [],
      clientCertificate: env.CLIENT_CERTIFICATE ?? null,
      egressProxyUrl: env.EGRESS_PROXY_URL ?? null,
      allowedSubnets: env.ALLOWED_SUBNETS ?? (env.DATABASE_URL || production ? [] : ['127.0.0.0/8', '::1/128']),
      signatureHeaders: env.SIGNATURE_HEADERS,
      handoffShare: handoffShare(env.HANDOFF),
    },
    endpoints: {
      httpsOnly: env.ENDPOINT_HTTPS_ONLY,
      disableAfterMs: env.ENDPOINT_DISABLE_AFTER_HOURS * 3_600_000,
      defaultSignatureType: env.DEFAULT_SIGNATURE_TYPE,
    },
    audit: { days: env.AUDIT_LOG_DAYS },
    retention: { days: env.RETENTION_DAYS, deletedDays: env.DELETED_DAYS },
    limits: limitsOf(env),
    operationalWebhooks: { url: env.OPERATIONAL_WEBHOOK_URL ?? null },
    drainMs: (env.DRAIN_SECONDS ?? (env.SQS_QUEUE_URL ? 10 : 0)) * 1000,
  });
}

export type AppConfig = ReturnType<typeof loadConfig>;

/** What reaching the database takes. */
export type DatabaseConfig = Pick<AppConfig, 'dataDir' | 'database'>;

/** The configuration of a command that only reads the database. It reads no other variable, so no other secret has to be set. */
export function loadDatabaseConfig(environment: NodeJS.ProcessEnv): DatabaseConfig {
  const parsed = databaseVariables.safeParse(withoutEmpty(environment));
  if (!parsed.success) throw new BadConfiguration(faultsOf(parsed.error));
  const { DATA_DIR, NODE_ENV, DATABASE_URL, DATABASE_POOL_SIZE } = parsed.data;
  if (NODE_ENV === 'production' && !DATABASE_URL)
    throw new BadConfiguration(['DATABASE_URL is missing and NODE_ENV is production.']);
  return freeze({
    dataDir: DATA_DIR,
    database: { mysqlUrl: DATABASE_URL ?? null, poolSize: DATABASE_POOL_SIZE, migrateOnStart: false },
  });
}

/** Injection token of the AppConfig. */
export const APP_CONFIG = Symbol('AppConfig');

/** An empty variable counts as not set, unless the empty list is a possible value. */
export function withoutEmpty(environment: NodeJS.ProcessEnv): Record<string, string> {
  const mayBeEmpty = new Set(['RETRY_SCHEDULE', 'ALLOWED_SUBNETS']);
  const given = Object.entries(environment).filter(
    ([name, value]) => value !== undefined && (value !== '' || mayBeEmpty.has(name)),
  );
  return Object.fromEntries(given) as Record<string, string>;
}

/** One sentence for each variable that is wrong. */
export function faultsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`);
}

function missingForProduction(env: Variables): string[] {
  const needed = {
    DATABASE_URL: 'set it to the MySQL server, mysql://user:password@host:3306/posthorn',
    REDIS_URL: 'set it to the Redis or Valkey server, rediss://host:6379',
    SQS_QUEUE_URL: 'set it to the URL of the SQS queue',
    JWT_SECRET: 'set it to a secret of at least 32 characters; a generated one is for development only',
    ENCRYPTION_KEY: 'set it to base64 of 32 random bytes; a generated one is for development only',
    PUBLIC_URL: 'set it to the address of this service as customers reach it, such as https://hooks.example.com',
  } as const;
  const faults = Object.entries(needed)
    .filter(([name]) => env[name as keyof typeof needed] === undefined)
    .map(([name, what]) => `${name} is missing and NODE_ENV is production: ${what}.`);
  if (env.JWT_PUBLIC_KEYS && !env.JWT_AUDIENCE)
    faults.push(
      'JWT_AUDIENCE is missing and JWT_PUBLIC_KEYS is set: an identity provider signs tokens for other services too, so name the audience of those for this one.',
    );
  if (env.JWT_PUBLIC_KEYS?.url?.startsWith('http:'))
    faults.push('JWT_PUBLIC_KEYS must begin with https:// and NODE_ENV is production.');
  return env.JWT_SECRET ? [...faults, ...tooShort(env.JWT_SECRET)] : faults;
}

/** Everything is in this process: nothing of it is anybody else's. */
function isEmbedded(env: Variables): boolean {
  return env.ROLES.includes('api') && env.ROLES.includes('worker') && !env.DATABASE_URL && !env.REDIS_URL && !env.SQS_QUEUE_URL;
}

/** `jwtSecret` signs; a token is valid if one of `verifyingSecrets` signed it. */
function authOf({ list, verifying }: JwtSecrets) {
  return { jwtSecret: list[0]!, verifyingSecrets: verifying };
}

function awsRegion(env: Variables): string | undefined {
  return env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? /\/\/sqs\.([a-z0-9-]+)\./.exec(env.SQS_QUEUE_URL ?? '')?.[1];
}

function kmsRegion(env: Variables): string | undefined {
  return regionOfKmsKey(env.ENCRYPTION_KMS_KEY_ID ?? '') ?? awsRegion(env);
}

/** The URL that spans are sent to; null if there are no traces. */
function tracesUrl(env: Variables): string | null {
  if (env.OTEL_SDK_DISABLED) return null;
  if (env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  return env.OTEL_EXPORTER_OTLP_ENDPOINT ? `${env.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/$/, '')}/v1/traces` : null;
}

function handoffShare(handoff: Variables['HANDOFF']): number {
  if (handoff === 'on') return HANDOFF_ON;
  return handoff === 'off' ? 0 : handoff / 100;
}

function freeze<T extends object>(value: T): Readonly<T> {
  for (const inner of Object.values(value)) {
    if (inner && typeof inner === 'object' && !Buffer.isBuffer(inner) && !Array.isArray(inner)) freeze(inner);
  }
  return Object.freeze(value);
}
