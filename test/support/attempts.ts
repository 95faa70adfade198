import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../../src/config/config.js';
import { AttemptBackfill } from '../../src/background/attempt-backfill.js';
import { AttemptCounter } from '../../src/background/attempt-counter.js';
import type { Piece } from '../../src/background/count-pieces.js';
import { CountRetention } from '../../src/background/count-retention.js';
import { CountSweep } from '../../src/background/count-sweep.js';
import { Database } from '../../src/database/database.js';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { AttemptCountRepository } from '../../src/database/repositories/attempt-count.repository.js';
import { SharedWorkRepository } from '../../src/database/repositories/shared-work.repository.js';
import { Transactions } from '../../src/database/transactions.js';
import { newId } from '../../src/domain/ids.js';
import { Log } from '../../src/observability/log.js';
import { ReleaseGate } from '../../src/release/release-gate.js';
import type { TestApp } from './app.js';

const AT_ONCE = 500;
const TIME = '2026-01-01 00:00:00.000';

/** An application of some age, with endpoints. */
export interface OldApplication {
  orgId: string;
  appId: string;
  endpointIds: string[];
}

/** An attempt to write. */
export interface Written {
  /** When it began, ms since 1970. */
  at: number;
  endpointId: string;
  appId: string;
  failed: boolean;
  ms: number;
  /** 200 or 500, if it is not given. */
  statusCode?: number;
}

function rowsInto(app: TestApp, table: string, rows: readonly Record<string, unknown>[]): Promise<unknown> {
  const columns = Object.keys(rows[0]!);
  const marks = rows.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ');
  return app.nest.get(DataSource).query(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${marks}`,
    rows.flatMap((row) => Object.values(row)),
  );
}

/** An application that was made at this time (ms since 1970), with endpoints: no request can make it. */
export async function oldApplication(app: TestApp, at: number, endpoints = 1, orgId = app.orgId): Promise<OldApplication> {
  const appId = newId('app_', at);
  const endpointIds = Array.from({ length: endpoints }, () => newId('ep_', at));
  const common = { metadata: '{}', deleted: 0, updated_at: TIME };
  await rowsInto(app, 'application', [{ id: appId, org_id: orgId, name: 'Old', version: 1, ...common }]);
  const endpoint = { app_id: appId, description: '', api_version: 1, disabled: 0, secrets: '[]', ...common };
  await rowsInto(
    app,
    'endpoint',
    endpointIds.map((id) => ({ id, url: 'http://127.0.0.1:9/hook', ...endpoint })),
  );
  return { orgId, appId, endpointIds };
}

/** Writes attempts into the table, as if they had been made. */
export async function writeAttempts(app: TestApp, attempts: readonly Written[]): Promise<void> {
  const rows = attempts.map(({ at, endpointId, appId, failed, ms, statusCode = failed ? 500 : 200 }) => ({
    msg_id: newId('msg_', at),
    id: newId('atmpt_', at),
    app_id: appId,
    endpoint_id: endpointId,
    url: 'http://127.0.0.1:9/hook',
    status: failed ? 2 : 0,
    trigger_type: 0,
    status_code: statusCode,
    duration_ms: ms,
    response: '',
  }));
  for (let from = 0; from < rows.length; from += AT_ONCE) await rowsInto(app, 'attempt', rows.slice(from, from + AT_ONCE));
}

/** Without the pauses between its steps, which are long where the machine is busy. */
class Hasty extends CountSweep {
  override run(piece: Piece, turn: Parameters<CountSweep['run']>[1]): Promise<boolean> {
    const hurried = {
      get isOver() {
        return turn.isOver;
      },
      rest: () => Promise.resolve(),
    };
    return super.run(piece, hurried);
  }
}

/** What counts attempts, as one process has it. It is not started: its turns are the test's. */
export function countingProcess(app: TestApp, counts = app.nest.get(AttemptCountRepository)) {
  const { nest } = app;
  const works = new SharedWorkRepository(nest.get(DataSource), nest.get(Transactions));
  const config: AppConfig = nest.get(APP_CONFIG);
  const sweep = new Hasty(config, counts);
  const [database, clock, gate, log] = [nest.get(Database), nest.get(DatabaseClock), nest.get(ReleaseGate), nest.get(Log)];
  return {
    sweep,
    counter: new AttemptCounter(config, database, sweep, works, clock, gate, log),
    backfill: new AttemptBackfill(config, database, sweep, works, clock, gate, log),
    retention: new CountRetention(config, database, counts, works, clock, gate, log),
  };
}
