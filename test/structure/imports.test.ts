import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const PROJECT = resolve(import.meta.dirname, '../..');

interface Violation {
  rule: { name: string };
  from: string;
  to: string;
}

/** Violations of the import rules in a folder's src, as 'rule: from → to'. */
async function violations(folder: string): Promise<string[]> {
  const cruiser = join(PROJECT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const rules = join(PROJECT, '.dependency-cruiser.mjs');
  const output = await new Promise<string>((done, failed) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [cruiser, '--config', rules, '--output-type', 'json', 'src'], options, (_, stdout, stderr) => {
      if (stdout.startsWith('{')) done(stdout);
      else failed(new Error(`dependency-cruiser said: ${stderr || stdout}`));
    });
  });
  const { summary } = JSON.parse(output) as { summary: { violations: Violation[]; totalCruised: number } };
  expect(summary.totalCruised).toBeGreaterThan(0);
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

describe('the import rules', () => {
  it('are kept by src', async () => {
    expect(await violations(PROJECT)).toEqual([]);
  });
});

describe('the import rules in a tree made for them', () => {
  let folder: string;

  /** Writes files that import what is named (and export what others import from them). */
  async function plant(files: Record<string, string[]>): Promise<void> {
    for (const [file, imports] of Object.entries(files)) {
      const lines = imports.map((target, at) =>
        target.startsWith('type ')
          ? `import type { x as x${at} } from '${target.slice(5)}';`
          : `import { x as x${at} } from '${target}';`,
      );
      const uses = imports.map((target, at) =>
        target.startsWith('type ') ? `export type X${at} = typeof x${at};` : `export const y${at} = x${at};`,
      );
      await mkdir(dirname(join(folder, 'src', file)), { recursive: true });
      await writeFile(join(folder, 'src', file), [...lines, 'export const x = 1;', ...uses, ''].join('\n'));
    }
  }

  /** What house and packages allow: every room with the imports it may have. */
  const ALLOWED = {
    'main.ts': ['./http-server.js', './app.module.js', './config/env.js', './observability/log.js'],
    'cli.ts': ['./database/data.js', './http-server.js'],
    'http-server.ts': ['./app.module.js', './api/http-support/errors.js', 'fastify'],
    'app.module.ts': [
      './api/api.module.js',
      './delivery/send.js',
      './ingest/commit.js',
      './background/recover.js',
      './health/health.js',
    ],
    'config/env.ts': ['zod', 'node:fs'],
    'domain/ids.ts': ['node:crypto', './more.js'],
    'domain/more.ts': [],
    'observability/log.ts': ['pino', '../config/env.js', '../domain/ids.js'],
    'database/data.ts': [
      'typeorm',
      '@nestjs/typeorm',
      'mysql2/promise',
      'better-sqlite3',
      '../observability/log.js',
      '../domain/ids.js',
    ],
    'queue/sqs.ts': ['@aws-sdk/client-sqs', 'sqs-consumer', 'fauxqs', '../observability/log.js', '../config/env.js'],
    'cache/redis.ts': ['ioredis', '../observability/log.js'],
    'release/share.ts': ['@aws-sdk/client-elastic-load-balancing-v2', '../observability/log.js', '../config/env.js'],
    'ingest/commit.ts': [
      '../database/data.js',
      '../queue/sqs.js',
      '../cache/redis.js',
      '../release/share.js',
      '../domain/ids.js',
    ],
    'delivery/send.ts': ['../database/data.js', '../queue/sqs.js', '../cache/redis.js', '../release/share.js'],
    'background/recover.ts': ['../ingest/commit.js', '../database/data.js'],
    'where/where.ts': ['../database/data.js', '../domain/ids.js', '../config/env.js'],
    'health/health.ts': ['../database/data.js', '../queue/sqs.js', '../cache/redis.js', '../release/share.js'],
    'api/api.module.ts': ['./message/message.js', './auth/token.js'],
    'api/http-support/errors.ts': ['@nestjs/common'],
    'api/auth/token.ts': ['../http-support/errors.js', 'jose'],
    'api/message/message.ts': [
      '../auth/token.js',
      '../http-support/errors.js',
      '../../ingest/commit.js',
      '../../background/recover.js',
      './schemas.js',
    ],
    'api/message/schemas.ts': ['zod'],
    'api/endpoint/endpoint.ts': ['../auth/token.js', '../../database/data.js'],
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posthorn-imports-'));
    await cp(join(PROJECT, 'package.json'), join(folder, 'package.json'));
    await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('allow what the house allows', async () => {
    await plant(ALLOWED);

    expect(await violations(folder)).toEqual([]);
  });

  it('name every breach', async () => {
    const breaches: Array<[file: string, target: string, rule: string]> = [
      ['domain/a.ts', '../config/env.js', 'domain-imports-only-what-is-below'],
      ['domain/b.ts', 'zod', 'domain-imports-no-package'],
      ['domain/c.ts', 'type zod', 'domain-imports-no-package'],
      ['config/a.ts', '../domain/ids.js', 'config-imports-only-what-is-below'],
      ['config/b.ts', 'pino', 'config-imports-only-zod'],
      ['observability/a.ts', '../cache/redis.js', 'observability-imports-only-what-is-below'],
      ['database/a.ts', '../queue/sqs.js', 'database-imports-only-what-is-below'],
      ['database/b.ts', '../ingest/commit.js', 'database-imports-only-what-is-below'],
      ['queue/a.ts', '../delivery/send.js', 'queue-imports-only-what-is-below'],
      ['cache/a.ts', '../database/data.js', 'cache-imports-only-what-is-below'],
      ['release/a.ts', '../queue/sqs.js', 'release-imports-only-what-is-below'],
      ['ingest/a.ts', '../delivery/send.js', 'ingest-imports-only-what-is-below'],
      ['delivery/a.ts', '../ingest/commit.js', 'delivery-imports-only-what-is-below'],
      ['delivery/b.ts', 'type ../api/message/message.js', 'delivery-imports-only-what-is-below'],
      ['background/a.ts', '../delivery/send.js', 'background-imports-only-what-is-below'],
      ['where/a.ts', '../ingest/commit.js', 'where-imports-only-what-is-below'],
      ['health/a.ts', '../ingest/commit.js', 'health-imports-only-what-is-below'],
      ['api/message/a.ts', '../../delivery/send.js', 'api-imports-only-what-is-below'],
      ['api/message/b.ts', '../endpoint/endpoint.js', 'resources-are-siblings'],
      ['api/auth/a.ts', '../message/message.js', 'resources-are-siblings'],
      ['api/message/c.ts', 'typeorm', 'typeorm-only-in-database'],
      ['api/message/d.ts', 'type typeorm', 'typeorm-only-in-database'],
      ['app.module.ts', '@nestjs/typeorm', 'nestjs-typeorm-only-in-database'],
      ['ingest/b.ts', 'mysql2/promise', 'mysql2-only-in-database'],
      ['ingest/c.ts', 'better-sqlite3', 'better-sqlite3-only-in-database'],
      ['api/message/e.ts', 'ioredis', 'ioredis-only-in-cache'],
      ['ingest/d.ts', '@aws-sdk/client-sqs', 'aws-sdk-client-sqs-only-in-queue'],
      ['delivery/c.ts', 'sqs-consumer', 'sqs-consumer-only-in-queue'],
      ['health/c.ts', '@aws-sdk/client-elastic-load-balancing-v2', 'aws-sdk-client-elastic-load-balancing-v2-only-in-release'],
      ['cli.ts', 'fauxqs', 'fauxqs-only-in-queue'],
      ['health/b.ts', '../http-server.js', 'nothing-imports-the-entries'],
      ['api/a.ts', '../app.module.js', 'nothing-imports-the-entries'],
      ['http-server.ts', './main.js', 'nothing-imports-main-or-cli'],
      ['utils/a.ts', '../domain/ids.js', 'every-file-has-a-room'],
      ['helper.ts', './domain/ids.js', 'every-file-has-a-room'],
      ['delivery/d.ts', 'supertest', 'only-what-is-shipped'],
      ['delivery/e.ts', '../../test/support.js', 'only-what-is-shipped'],
      ['delivery/f.ts', './missing.js', 'everything-imported-exists'],
      ['delivery/g.ts', './index.js', 'no-barrels'],
      ['delivery/h.ts', './i.js', 'no-cycles'],
      ['delivery/j.ts', 'type ./k.js', 'no-cycles'],
    ];
    const tree: Record<string, string[]> = structuredClone(ALLOWED);
    for (const [file, target] of breaches) tree[file] = [...(tree[file] ?? []), target];
    await plant({
      ...tree,
      'delivery/index.ts': [],
      'delivery/i.ts': ['./h.js'],
      'delivery/k.ts': ['type ./j.js'],
      '../test/support.ts': [],
    });

    const found = (await violations(folder)).map((line) => line.replace(/ → .*$/, ''));
    expect(breaches.map(([file, , rule]) => `${rule}: src/${file}`).filter((breach) => !found.includes(breach))).toEqual([]);
  });
});
