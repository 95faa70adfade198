import { describe, expect, it } from '@jest/globals';
import { BadConfiguration, deliveriesWithin, loadConfig, loadDatabaseConfig } from '../../../src/config/config.js';

const generated = { jwtSecret: 'generated', encryptionKey: Buffer.alloc(32, 1).toString('base64') };
const KEY = Buffer.alloc(32, 7).toString('base64');
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'mysql://posthorn:pw@db:3306/posthorn',
  REDIS_URL: 'rediss://cache:6379',
  SQS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/posthorn',
  JWT_SECRET: 'x'.repeat(32),
  ENCRYPTION_KEY: KEY,
  PUBLIC_URL: 'https://hooks.example.com',
};

const load = (env: Record<string, string>) => loadConfig(env, () => generated);

function faults(env: Record<string, string>): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof BadConfiguration) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs nothing: the embedded parts and generated secrets serve', () => {
    const config = load({});
    expect(config.database.mysqlUrl).toBeNull();
    expect(config.queue.url).toBeNull();
    expect(config.cache.redisUrl).toBeNull();
    expect(config.auth.jwtSecret).toBe('generated');
    expect(config.delivery.retrySchedule).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 36_000]);
    expect(config.delivery.timeoutMs).toBe(15_000);
    expect(config.roles).toEqual({ api: true, worker: true });
  });

  it('lets deliveries reach loopback on the embedded database only', () => {
    expect(load({}).delivery.allowedSubnets).toEqual(['127.0.0.0/8', '::1/128']);
    expect(load({ ALLOWED_SUBNETS: '' }).delivery.allowedSubnets).toEqual([]);
    expect(load({ DATABASE_URL: 'mysql://h/db' }).delivery.allowedSubnets).toEqual([]);
    expect(load(PRODUCTION).delivery.allowedSubnets).toEqual([]);
  });

  it('opens no port and uses no proxy unless it is told to', () => {
    expect(load({}).delivery).toMatchObject({ allowedPorts: [], egressProxyUrl: null, clientCertificate: null });
    expect(load({ ALLOWED_PORTS: '6000, 10080' }).delivery.allowedPorts).toEqual([6000, 10080]);
    expect(load({ EGRESS_PROXY_URL: 'http://u:p%40@proxy:3128' }).delivery.egressProxyUrl).toBe('http://u:p%40@proxy:3128');
  });

  it('seals with KMS only if it is told to, in the region of the key', () => {
    expect(load({ AWS_REGION: 'eu-west-1' }).sealing.kms).toEqual({ keyId: null, region: 'eu-west-1' });
    const keyId = 'arn:aws:kms:us-west-2:123456789012:key/0123abcd-0123-4567-89ab-0123456789ab';
    expect(load({ ENCRYPTION_KMS_KEY_ID: keyId }).sealing.kms).toEqual({ keyId, region: 'us-west-2' });
    expect(load({ ENCRYPTION_KMS_KEY_ID: 'alias/mine', AWS_REGION: 'eu-west-1' }).sealing.kms.region).toBe('eu-west-1');
    expect(faults({ ENCRYPTION_KMS_KEY_ID: 'alias/mine' })).toEqual([
      'AWS_REGION is missing: name the region of ENCRYPTION_KMS_KEY_ID.',
    ]);
  });

  it.each(['mine', 'arn:aws:s3:::mine', 'alias/', 'key/0123abcd-0123-4567-89ab-0123456789ab'])(
    'refuses %j as a KMS key',
    (text) => {
      expect(faults({ ENCRYPTION_KMS_KEY_ID: text })).toEqual([
        expect.stringMatching(/^ENCRYPTION_KMS_KEY_ID must name a key of AWS KMS/),
      ]);
    },
  );

  it('refuses a client certificate that can not be read at the start', () => {
    expect(faults({ CLIENT_CERTIFICATE: 'hidden' })).toEqual([
      'CLIENT_CERTIFICATE must be PEM text: it contains no -----BEGIN CERTIFICATE-----.',
    ]);
  });

  it.each(['0', '65536', 'smtp', '25;26', '-1'])('refuses %j as allowed ports', (text) => {
    expect(faults({ ALLOWED_PORTS: text })).toEqual([expect.stringMatching(/^ALLOWED_PORTS must be .* such as 6000,10080\.$/)]);
  });

  it.each([
    'socks5://u:hidden@proxy:1080',
    'proxy:3128',
    'http://u:hidden@proxy:3128/path',
    'http://u:hidden@proxy:0',
    'http://u:hidden@',
    'http://u:hidden@proxy/?a=b',
  ])('refuses %j as a proxy, without repeating it', (text) => {
    expect(faults({ EGRESS_PROXY_URL: text })).toEqual([
      expect.stringMatching(/^EGRESS_PROXY_URL must be the URL of an HTTP proxy/),
    ]);
    expect(faults({ EGRESS_PROXY_URL: text }).join()).not.toContain('hidden');
  });

  it('says everything that is wrong at once, a sentence a variable', () => {
    const found = faults({
      PORT: 'eighty',
      ROLES: 'api,cook',
      DATABASE_URL: 'postgres://h/db',
      RETRY_SCHEDULE: '5,soon',
      ENCRYPTION_KEY: 'short',
      ALLOWED_SUBNETS: '10.0.0.0/99',
      HANDOFF: '101',
      DELIVERY_TIMEOUT_SECONDS: '31',
      ENDPOINT_DISABLE_AFTER_HOURS: 'never',
    });
    expect(found).toHaveLength(9);
    for (const name of ['PORT', 'ROLES', 'DATABASE_URL', 'RETRY_SCHEDULE', 'ENCRYPTION_KEY', 'ALLOWED_SUBNETS', 'HANDOFF']) {
      expect(found.some((fault) => fault.startsWith(`${name} must be `))).toBe(true);
    }
  });

  it('refuses production on embedded parts or generated secrets, naming each variable that is missing', () => {
    const found = faults({ NODE_ENV: 'production' });
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'SQS_QUEUE_URL', 'JWT_SECRET', 'ENCRYPTION_KEY', 'PUBLIC_URL']) {
      expect(found.filter((fault) => fault.startsWith(`${name} is missing`))).toHaveLength(1);
    }
    expect(faults({ ...PRODUCTION, JWT_SECRET: 'short' })).toHaveLength(1);
    expect(faults(PRODUCTION)).toEqual([]);
  });

  it.each([
    ['', []],
    ['5', [5]],
    [' 1, 2 ,3', [1, 2, 3]],
  ])('reads the retry schedule "%s"', (text, schedule) => {
    expect(load({ RETRY_SCHEDULE: text }).delivery.retrySchedule).toEqual(schedule);
  });

  it.each([
    ['on', 0.99],
    ['off', 0],
    ['50', 0.5],
    ['100', 1],
  ])('reads HANDOFF=%s', (text, share) => {
    expect(load({ HANDOFF: text }).delivery.handoffShare).toBe(share);
  });

  it('takes several encryption keys while they change', () => {
    expect(load({ ENCRYPTION_KEY: `${KEY},${Buffer.alloc(32, 8).toString('base64')}` }).sealing.keys).toHaveLength(2);
  });

  it('finds the region in the URL of the queue', () => {
    expect(load(PRODUCTION).queue.region).toBe('eu-west-1');
    expect(faults({ SQS_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/q' })).toEqual([expect.stringContaining('AWS_REGION')]);
  });

  it('keeps a lease longer than the longest send', () => {
    for (const seconds of ['1', '15', '30']) {
      const { delivery } = load({ DELIVERY_TIMEOUT_SECONDS: seconds });
      expect(delivery.leaseMs).toBeGreaterThan(delivery.timeoutMs);
    }
  });

  it.each([
    { set: 1_024, openFiles: Infinity, concurrency: 1_024 },
    { set: 1_024, openFiles: 65_535, concurrency: 1_024 },
    { set: 1_024, openFiles: 1_024, concurrency: 128 },
    { set: 50, openFiles: 1_024, concurrency: 50 },
    { set: 1_024, openFiles: 64, concurrency: 10 },
  ])(
    'has $concurrency attempts at a time if $set are set and $openFiles files can be open',
    ({ set, openFiles, concurrency }) => {
      expect(deliveriesWithin(set, openFiles)).toBe(concurrency);
    },
  );

  it('can not be changed afterwards', () => {
    expect(Object.isFrozen(load({}).delivery)).toBe(true);
  });
});

describe('what a command reads of the environment that only reads the database', () => {
  it('is no other secret, and nothing wrong elsewhere keeps it', () => {
    const { DATABASE_URL, NODE_ENV } = PRODUCTION;

    expect(loadDatabaseConfig({ DATABASE_URL, NODE_ENV, PORT: 'wrong' })).toEqual({
      dataDir: '.data',
      database: { mysqlUrl: DATABASE_URL, poolSize: 20, migrateOnStart: false },
    });
    expect(loadDatabaseConfig({ DATA_DIR: '/data' })).toMatchObject({ dataDir: '/data', database: { mysqlUrl: null } });
  });

  it('is the database in production', () => {
    expect(() => loadDatabaseConfig({ NODE_ENV: 'production' })).toThrow('DATABASE_URL is missing');
    expect(() => loadDatabaseConfig({ DATABASE_URL: 'postgres://db' })).toThrow('DATABASE_URL must be a URL');
  });
});
