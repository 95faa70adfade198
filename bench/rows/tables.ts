import { loadConfig } from '../../src/config/config.js';
import { MysqlEngineStore } from '../../src/database/engine/mysql-engine-store.js';
import { MysqlEnginePool } from '../../src/database/engine/mysql-pool.js';
import { newId } from '../../src/domain/ids.js';
import mysql from 'mysql2/promise';
import type { Load } from '../load/load.js';
import { progress } from '../report/terminal.js';
import { countAttempts } from './counts.js';
import { pathsOf } from '../steps/listings.js';
import { writeAttempts } from '../steps/rows.js';
import type { OwnTarget } from '../target.js';

/** One application has most rows; the others are small. */
const LARGE_SHARE = 0.9;
const SMALL_APPLICATIONS = 20;
/** So few that each has more attempts than a page with a filter searches (5,000), with the fewest rows too. */
const ENDPOINTS = 3;
/** Deliveries that are due, whatever the number of attempts is. */
const DUE = 40_000;
const DUE_AT_ONCE = 2_000;

/** A server with its rows. */
export interface Tables {
  target: OwnTarget;
  paths: Record<string, string[]>;
  /** The engine's statements on the same database. */
  store: MysqlEngineStore;
}

/** Starts the server without a worker, so that what is due stays due, and fills its database. */
export async function filled(load: Load, target: OwnTarget, databaseUrl: string, attempts: number): Promise<Tables> {
  await target.start('api');
  const large = await load.application(target, ENDPOINTS);
  const msgIds = await writeAttempts(databaseUrl, large.appId, large.endpointIds, Math.round(attempts * LARGE_SHARE));
  const each = Math.round((attempts * (1 - LARGE_SHARE)) / SMALL_APPLICATIONS / 2) * 2;
  for (let n = 0; n < SMALL_APPLICATIONS; n++) {
    const { appId, endpointIds } = await load.application(target, ENDPOINTS);
    await writeAttempts(databaseUrl, appId, endpointIds, each);
  }
  progress(`rows: counted in ${Math.round(await countAttempts(databaseUrl))} ms`);
  progress(`rows: ${DUE.toLocaleString('en')} due deliveries`);
  await writeDue(databaseUrl, large.appId, large.endpointIds);
  const secrets = () => ({ jwtSecret: 'any', encryptionKey: Buffer.alloc(32).toString('base64') });
  const store = new MysqlEngineStore(new MysqlEnginePool(loadConfig({ DATABASE_URL: databaseUrl }, secrets)));
  const app = `/api/v1/app/${large.appId}`;
  return { target, store, paths: { ...pathsOf(app, large.endpointIds, msgIds), ...morePaths(app, large.endpointIds) } };
}

/** What else is listed, and filters for which there is no index. */
function morePaths(app: string, endpointIds: string[]): Record<string, string[]> {
  const ofEndpoint = (path: string) => endpointIds.map((id) => app + path.replace('EP', id));
  const ago = (days: number) => encodeURIComponent(new Date(Date.now() - days * 86_400_000).toISOString());
  const weekAgo = ago(7);
  return {
    'messages of a week': [`${app}/msg?after=${weekAgo}`],
    'messages of a type that there is not': [`${app}/msg?event_types=order.nothing`],
    'messages with a tag that there is not': [`${app}/msg?tag=nothing`],
    'messages of a channel that there is not': [`${app}/msg?channel=nothing`],
    'attempts with a status code that there is not': ofEndpoint('/attempt/endpoint/EP?status_code_class=300'),
    'attempts of a type that there is not': ofEndpoint('/attempt/endpoint/EP?event_types=order.nothing'),
    'delivered messages of an endpoint': ofEndpoint('/endpoint/EP/msg?status=0'),
    'failed messages of an endpoint': ofEndpoint('/endpoint/EP/msg?status=2'),
    'attempts of an application over a month': [`${app}/stats/attempt?since=${ago(30)}`],
    'attempts of an endpoint over a day': ofEndpoint(`/stats/attempt?endpoint_id=EP&since=${ago(1)}`),
    'attempts of the organisation over a week': [`/api/v1/stats/attempt?since=${weekAgo}`],
    'endpoints that failed most in a month': [`/api/v1/stats/endpoint?since=${ago(30)}`],
    'endpoints that were slowest in a day': [`/api/v1/stats/endpoint?since=${ago(1)}&order=slow`],
    'statistics of an endpoint': ofEndpoint('/endpoint/EP/stats'),
    'poll of an endpoint': ofEndpoint(`/poller/EP?limit=50&after=${weekAgo}`),
    'poll with a type that there is not': ofEndpoint(`/poller/EP?event_type=order.nothing&after=${weekAgo}`),
    applications: ['/api/v1/app'],
    // Without the tasks: they are read from the queue, which is asked for a second.
    'dead letters of deliveries': ['/api/v1/admin/dead-letter?kind=delivery'],
    'background tasks': ['/api/v1/background-task'],
  };
}

/** Came due within the last ten minutes. */
async function writeDue(databaseUrl: string, appId: string, endpointIds: readonly string[]): Promise<void> {
  const connection = await mysql.createConnection({ uri: databaseUrl });
  const ids = Array.from({ length: DUE }, () => newId('msg_', Date.now())).toSorted();
  for (let from = 0; from < DUE; from += DUE_AT_ONCE) {
    const rows = ids.slice(from, from + DUE_AT_ONCE).map((id, n) => {
      const endpointId = endpointIds[n % endpointIds.length]!;
      return `('${id}','${endpointId}',0,'${appId}',0,1,1,UTC_TIMESTAMP(3) - INTERVAL ${(from + n) % 600} SECOND)`;
    });
    await connection.query(
      `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES ${rows.join(',')}`,
    );
  }
  connection.destroy();
}
