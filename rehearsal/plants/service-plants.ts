import { NOTICED_BY_THE_CHECK, type Plant } from './plant.js';

/** Mistakes in the service itself. */
export const SERVICE_PLANTS: readonly Plant[] = [
  {
    name: 'exits-at-once',
    area: 'shutdown order',
    mistake: 'At SIGTERM the process exits before the deliveries under way are done',
    edits: [
      {
        file: 'src/start.ts',
        from: `      await Promise.all([worker, sleep(signal === 'SIGTERM' ? config.drainMs : 0)]);
      await app.close();
`,
        to: '      void worker;\n',
      },
    ],
    scenario: 'slow-customers',
    says: /no delivery was cut/,
  },
  {
    name: 'stop-given-up',
    area: 'drain time',
    mistake: 'A stop is given up after two seconds, which is shorter than the drain and than a delivery may take',
    edits: [{ file: 'src/start.ts', from: 'const STOP_LIMIT_MS = 110_000;', to: 'const STOP_LIMIT_MS = 2_000;' }],
    scenario: 'slow-customers',
    says: /no delivery was cut/,
  },
  {
    name: 'short-keep-alive',
    area: 'keep-alive',
    mistake: 'The service closes connections that are idle for five seconds, which is sooner than the load balancer does',
    edits: [{ file: 'src/http-server.ts', from: 'const KEEP_ALIVE_MS = 75_000;', to: 'const KEEP_ALIVE_MS = 5_000;' }],
    scenario: 'keep-alive',
    says: /no target closed a kept connection \(\d+ closed\)/,
  },
  {
    name: 'ready-without-database',
    area: 'readiness',
    mistake: '/health/ready does not look at the database, the cache and the queue',
    edits: [
      {
        file: 'src/health/health.controller.ts',
        from: '[() => this.process.draining(), ...dependencies, ',
        to: '[() => this.process.draining(), ',
      },
    ],
    scenario: 'never-ready',
    says: NOTICED_BY_THE_CHECK,
  },
  {
    name: 'gate-open',
    area: 'release gate',
    mistake: 'The release gate takes any answer of the load balancer for a share of 1: green fetches work before it has traffic',
    edits: [
      {
        file: 'src/release/release-gate.ts',
        from: 'if (!this.loop?.isStopping) this.answered(share);',
        to: 'if (!this.loop?.isStopping) this.answered(1);',
      },
    ],
    scenario: 'queue-share',
    says: /green delivers nothing before it has traffic/,
  },
  {
    name: 'column-required-first',
    area: 'migration order',
    mistake: 'A migration requires a column that only this build writes, while the build before still inserts rows',
    edits: [
      {
        file: 'src/database/migrations/9000000000000-message-size.ts',
        from: '',
        to: `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MessageSize9000000000000 implements MigrationInterface {
  readonly name = 'MessageSize9000000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE message ADD COLUMN size INT UNSIGNED NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE message DROP COLUMN size');
  }
}
`,
      },
      {
        file: 'src/database/engine/mysql-group-rows.ts',
        from: `    \`INSERT INTO message (app_id, id, event_type, event_id, channels, payload, payload_until\${extraColumns}) VALUES ?\`,
    [messages.map((m) => (withExtras ? [...valuesOf(m), ...extrasOf(m)] : valuesOf(m)))],
`,
        to: `    \`INSERT INTO message (size, app_id, id, event_type, event_id, channels, payload, payload_until\${extraColumns}) VALUES ?\`,
    [messages.map((m) => [m.payload.length, ...valuesOf(m), ...(withExtras ? extrasOf(m) : [])])],
`,
      },
    ],
    scenario: 'good-release',
    says: /no request failed .*× 50[03]/,
  },
];
