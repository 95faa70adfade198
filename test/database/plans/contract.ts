import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { AttemptBackfill } from '../../../src/background/attempt-backfill.js';
import { AttemptCounter } from '../../../src/background/attempt-counter.js';
import { AuditRetention } from '../../../src/background/audit-retention.js';
import { CountRetention } from '../../../src/background/count-retention.js';
import { DeletedRetention } from '../../../src/background/deleted-retention.js';
import { KeyExpiry } from '../../../src/background/key-expiry.js';
import { Retention } from '../../../src/background/retention.js';
import { RowRetention } from '../../../src/background/row-retention.js';
import { UsageRetention } from '../../../src/background/usage-retention.js';
import { startApp, type TestApp } from '../../support/app.js';
import { anApplication, anEndpoint } from '../../support/factories.js';
import { turnAt } from '../../support/removal.js';
import { ended } from '../../support/tasks.js';
import type { Recorder } from './recorder.js';
import { readEverything, workEverything } from './requests.js';
import { fillAll } from './rows.js';

/** A statement that may read or sort more, and why. */
export interface Exception {
  statement: RegExp;
  why: string;
}

/** It reads a whole table, and has to be found. */
const PLANTED = 'SELECT id FROM attempt WHERE response = app_id';

/** What any database may do. */
const ANYWHERE: Exception[] = [
  {
    statement: /FROM organization WHERE limits IS NOT NULL/,
    why: 'limits are kept in memory: read whole at the start, then what has changed',
  },
  {
    statement: /FROM token_revocation .*ORDER BY created_at/,
    why: 'revocations are kept in memory: read whole at the start, then what has changed',
  },
  { statement: /FROM .endpoint. .e. WHERE .e.\..app_id. IN/, why: 'the endpoints of a page of applications' },
  {
    statement: /FROM organization_usage WHERE day BETWEEN \? AND \? AND org_id = \?/,
    why: 'a row for a day and key of one organisation',
  },
  {
    statement: /WHERE deleted = \? AND updated_at < \? AND id > \? ORDER BY id/,
    why: 'only what was deleted, which the same sweep removes',
  },
  {
    statement: /AS part, status, .* FROM \(SELECT id, status, status_code, duration_ms FROM attempt/,
    why: 'attempts that are not counted yet, for a chart: at most 10,000',
  },
  {
    statement: /AS status, COUNT\(\*\) AS found FROM \(SELECT \? FROM attempt .* LIMIT \?\) some/,
    why: 'the attempts at an endpoint: of each result at most 5,000',
  },
  { statement: /^SELECT e\.id AS id FROM endpoint e .*LIMIT \?$/, why: 'whether there are more than 500 endpoints' },
  {
    statement: /AS slot, COUNT\(\*\) AS found FROM .*attempt .*GROUP BY endpoint_id, status, slot/,
    why: 'counts the attempts of some minutes',
  },
  {
    statement: /FROM \(SELECT (endpoint_id|org_id), SUM\(delivered\)/,
    why: 'sums of the endpoints of an organisation, or of organisations, in a time range',
  },
  { statement: /SET version = version WHERE/, why: 'it changes nothing: it asks whether the database can be written' },
];

/** Every statement behind the operations that read, the scan for due deliveries and the removal finds its rows by an index. */
export function plansContract(open: () => Promise<Recorder>, exceptions: readonly Exception[]): void {
  jest.setTimeout(600_000);
  let recorder: Recorder;
  let app: TestApp;

  beforeAll(async () => {
    recorder = await open();
    app = await startApp({ RETRY_SCHEDULE: '3600', REQUEST_TIMEOUT_SECONDS: '50', ...recorder.env });
  });
  afterAll(async () => {
    await app?.stop();
    await recorder?.stop();
  });

  it('reads no whole table, and sorts no more than a page', async () => {
    const { id: appId } = await anApplication(app);
    const { id: endpointId } = await anEndpoint(app, appId);
    const owner = { orgId: app.orgId, appId, endpointId };
    const { msgId, attemptId } = await fillAll(app.nest.get(DataSource), owner);
    const ids = {
      app_id: appId,
      endpoint_id: endpointId,
      sink_id: endpointId,
      msg_id: msgId,
      attempt_id: attemptId,
      org_id: app.orgId,
    };
    await recorder.begin(app);

    await readEverything(app, ids);
    for (const task of await workEverything(app, ids)) await ended(app, task);
    await removeEverything(app);
    await app.nest.get(DataSource).query(PLANTED);
    const { faults, statements } = await recorder.faults();

    expect(statements).toBeGreaterThan(100);
    const known = [...ANYWHERE, ...exceptions];
    const unknown = faults.filter(({ statement }) => !known.some((one) => one.statement.test(statement)));
    expect(unknown).toEqual([{ statement: PLANTED, step: expect.stringMatching(/attempt/) }]);
  });
}

/** What the background loops do at most once an hour. */
async function removeEverything(app: TestApp): Promise<void> {
  await turnAt(app, app.nest.get(RowRetention), 0);
  await turnAt(app, app.nest.get(DeletedRetention), 0);
  for (const Loop of [AttemptCounter, AttemptBackfill, CountRetention] as const)
    await turnAt(app, app.nest.get<AttemptCounter>(Loop), 0);
  for (const Loop of [Retention, AuditRetention, UsageRetention, KeyExpiry] as const)
    await (app.nest.get(Loop as never) as { turn(): Promise<boolean> }).turn();
}
