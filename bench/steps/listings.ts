import { median, percentile, type Row } from '../figures.js';
import { reads, type Load } from '../load/load.js';
import { progress } from '../report/terminal.js';
import type { Sizes } from '../sizes.js';
import { isOwn, type OwnTarget, type Step } from '../target.js';
import { RARE_TYPE, writeAttempts } from './rows.js';

const ENDPOINTS = 10;
const LIMIT_SECONDS = 30;
const DAY_MS = 86_400_000;

/** A server of its own with so many rows, and the URL of its database. */
export type NewTarget = (name: string) => Promise<{ target: OwnTarget; databaseUrl: string }>;

interface Filled {
  target: OwnTarget;
  paths: Record<string, string[]>;
}

/** Each list with few rows and with many: a page must not take longer because there is more that is not on it. */
export function listings(load: Load, { listings: sizes }: Sizes, newTarget: NewTarget): Step {
  return {
    name: 'listings',
    rounds: 1,
    suits: (target) => isOwn(target) && 'database' in target.pids(),
    async run() {
      const filled: Filled[] = [];
      try {
        for (const attempts of sizes.attempts) filled.push(await fill(load, newTarget, attempts));
        const [few, many] = filled as [Filled, Filled];
        const rows: Row[] = [];
        for (const list of Object.keys(few.paths)) {
          progress(`listings: ${list}`);
          rows.push({ row: list, figures: await compared(load, few, many, list, sizes) });
        }
        return rows;
      } finally {
        await Promise.all(filled.map(({ target }) => target.stop()));
      }
    },
  };
}

async function fill(load: Load, newTarget: NewTarget, attempts: number): Promise<Filled> {
  const { target, databaseUrl } = await newTarget(`listings_${attempts}`);
  await target.start();
  const { appId, endpointIds } = await load.application(target, ENDPOINTS);
  const msgIds = await writeAttempts(databaseUrl, appId, endpointIds, attempts);
  return { target, paths: pathsOf(`/api/v1/app/${appId}`, endpointIds, msgIds) };
}

/** The requests of each list of an application, taken in turn. */
export function pathsOf(app: string, endpointIds: string[], msgIds: string[]): Record<string, string[]> {
  const monthAgo = encodeURIComponent(new Date(Date.now() - 20 * DAY_MS).toISOString());
  const ofEndpoint = (query: string) => endpointIds.map((id) => `${app}/attempt/endpoint/${id}${query}`);
  return {
    messages: [`${app}/msg`],
    'messages, deep': [`${app}/msg?before=${monthAgo}`],
    'messages of a rare type': [`${app}/msg?event_types=${RARE_TYPE}`],
    'attempts of an endpoint': ofEndpoint(''),
    'attempts of an endpoint, deep': ofEndpoint(`?before=${monthAgo}`),
    'failed attempts of an endpoint': ofEndpoint('?status=2').slice(0, -1),
    // Who looks for what isn't there must not read everything.
    'failed attempts, where none failed': ofEndpoint('?status=2').slice(-1),
    'attempts of a message': msgIds.map((id) => `${app}/attempt/msg/${id}`),
    'messages of an endpoint': endpointIds.map((id) => `${app}/endpoint/${id}/msg`),
    'endpoints of a message': msgIds.map((id) => `${app}/msg/${id}/endpoint`),
    endpoints: [`${app}/endpoint`],
  };
}

/** In turn, and the median of the rounds: what else happens on the machine meets both. */
async function compared(
  load: Load,
  few: Filled,
  many: Filled,
  list: string,
  sizes: Sizes['listings'],
): Promise<Record<string, number>> {
  const found = { few: [] as number[], many: [] as number[], middle: [] as number[], refused: 0 };
  for (let round = 0; round < sizes.rounds; round++) {
    for (const [name, { target, paths }] of Object.entries({ few, many }) as ['few' | 'many', Filled][]) {
      const plan = reads(target, paths[list]!);
      await load.closed({ plan, concurrency: 1, seconds: LIMIT_SECONDS, most: Math.ceil(sizes.requests / 10) });
      const outcome = await load.closed({ plan, concurrency: 1, seconds: LIMIT_SECONDS, most: sizes.requests });
      found[name].push(percentile(outcome.latencies, 0.99));
      if (name === 'many') found.middle.push(percentile(outcome.latencies, 0.5));
      found.refused += Object.values(outcome.failures).reduce((sum, one) => sum + one, 0);
    }
  }
  const [fewName, manyName] = sizes.attempts.map((count) => count.toLocaleString('en')) as [string, string];
  return {
    [`p99 ms at ${fewName}`]: median(found.few),
    [`p99 ms at ${manyName}`]: median(found.many),
    times: median(found.many) / median(found.few),
    [`p50 ms at ${manyName}`]: median(found.middle),
    refused: found.refused,
  };
}
