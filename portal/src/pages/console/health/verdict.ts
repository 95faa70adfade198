import type { AttemptStats, RankedEndpoint } from '../../../api/console/statistics.js';
import * as texts from '../../../texts/en.js';

const words = texts.console.health.verdict;

export interface Verdict {
  tone: 'good' | 'waiting' | 'bad';
  title: string;
  text: string;
}

/** Below this share of failures nothing is said of them. */
const FEW = 0.01;
/** From this share on, something is wrong. */
const MANY = 0.2;
/** One that has this share of all failures is the one who fails. */
const MOST = 0.6;

/**
 * Whether it is the service or one customer, in words.
 *
 * @param failing the endpoints with the most failures, the worst first
 */
export function verdictOf(stats: AttemptStats, failing: readonly RankedEndpoint[]): Verdict {
  const all = stats.delivered + stats.failed;
  if (all === 0) return { tone: 'good', ...words.quiet };
  const share = stats.failed / all;
  if (share < FEW) return { tone: 'good', ...words.good(1 - share, all) };
  const tone = share < MANY ? 'waiting' : 'bad';
  const worst = failing[0];
  if (worst && worst.failed >= stats.failed * MOST)
    return { tone: 'waiting', ...words.one(stats.failed, worst.url, worst.appName) };
  const byApplication = Map.groupBy(failing, ({ appId }) => appId);
  for (const endpoints of byApplication.values())
    if (endpoints.reduce((sum, { failed }) => sum + failed, 0) >= stats.failed * MOST)
      return { tone: 'waiting', ...words.application(stats.failed, endpoints[0]!.appName) };
  if (tone === 'bad' && byApplication.size > 2) return { tone, ...words.many(stats.failed, share, byApplication.size) };
  return { tone, ...words.some(stats.failed, share) };
}
