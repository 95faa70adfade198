import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startRemote, type Remote } from '../bench/load/remote.js';
import { claimsFor, randomOrgId, signToken } from '../test/support/tokens.js';
import { until } from '../test/support/until.js';
import { startCloud, type Cloud } from './cloud.js';
import { datumsOf } from './cloudwatch/emf.js';
import type { Image } from './ecs/container.js';
import type { Engine } from './ecs/docker.js';
import { USUAL_DELAYS } from './ecs/platform.js';
import type { TargetGroup } from './alb/target-group.js';
import type { Book } from './journal.js';
import { LogBook } from './log-book.js';
import type { Clock } from './model.js';
import { migrate, ownParts, type Own, type Parts } from './parts.js';
import type { Plan } from './plan/plan.js';
import type { Build } from './revisions.js';
import { Samples } from './samples.js';

/** Until the first tasks are healthy; starting several processes takes long on a small machine. */
const START_LIMIT_MS = 120_000;
/** So many lines of them are told when they don't start. */
const TOLD_LINES = 5;

export interface StageOrder {
  plan: Plan;
  clock: Clock;
  journal: Book;
  parts: Parts;
  /** The builds of the rehearsal: blue's and green's. */
  images: Record<Build, Image>;
  /** The build that blue is of. */
  blue: Build;
  /** Environment variables that a scenario gives to all tasks. */
  environment: Record<string, string>;
  /** Docker's, if the tasks are to be containers; otherwise they are plain processes. */
  engine: Engine | null;
  /** The first two parts of the tasks' addresses. */
  network: string;
  /** Until a hook without a verdict fails its event, ms on AWS. */
  hookLimitMs: number;
}

/** A line that a task printed. */
export interface LogLine {
  /** Real ms since the rehearsal began. */
  at: number;
  taskArn: string;
  text: string;
}

/** An installation in which a deployment can be played: blue serves, and nothing is deployed yet. */
export interface Stage extends Cloud, Pick<StageOrder, 'plan' | 'clock' | 'journal' | 'parts' | 'images'> {
  own: Own;
  load: Remote;
  samples: Samples;
  lines: LogBook;
  token: string;
  /** Ends all that was started, at once. */
  close(): Promise<void>;
}

/** Starts the parts of AWS, and the first tasks. */
export async function openStage(order: StageOrder): Promise<Stage> {
  const { plan, clock, journal, parts, images } = order;
  const own = await ownParts(parts, `rehearsal_${randomBytes(4).toString('hex')}`);
  // An installation that is older than this build: a new one has things from the beginning that the build before can't read.
  await migrate(own, images.before);
  if (order.blue === 'now') await migrate(own, images.now);
  const samples = new Samples();
  const cloud = await startCloud(order, own, samples);
  const { service, metrics, revisions, groups } = cloud;
  const lines = new LogBook();
  service.onLine(({ taskArn, text }) => {
    for (const datum of datumsOf(text)) metrics.put(datum);
    lines.add({ at: clock.now(), taskArn, text });
  });
  service.makePrimary(service.createTaskSet(revisions.first, groups[0]));
  const load = startRemote(join(import.meta.dirname, 'load', 'program.ts'));
  const close = async () => {
    samples.stop();
    load.stop();
    await cloud.end();
  };
  try {
    await until(() => areHealthy(groups[0], plan.desired), START_LIMIT_MS, 'the first tasks');
    service.delays = USUAL_DELAYS;
  } catch (error) {
    await close();
    const said = lines
      .all()
      .slice(-TOLD_LINES)
      .map(({ text }) => text.slice(0, 300));
    throw new Error([(error as Error).message, ...said].join('\n'), { cause: error });
  }
  const token = signToken(own.jwtSecret, claimsFor({ sub: randomOrgId() }));
  return { ...cloud, plan, clock, journal, parts, images, own, load, samples, lines, token, close };
}

/** Whether all tasks of blue have passed a health check. */
function areHealthy(group: TargetGroup, desired: number): boolean {
  return group.health().filter(({ state }) => state === 'healthy').length >= desired;
}
