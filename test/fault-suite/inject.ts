import type { FaultKind, Scene } from './faults/kind.js';
import type { PlannedFault, Step } from './plan.js';
import type { FaultRecord, Rules } from './records.js';
import { slowness } from './watch/slowness.js';
import { recovery, type Watched } from './watch/recovery.js';

const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

export interface Injecting {
  scene: Scene;
  watched: Watched;
  rules: Rules;
  say(line: string): void;
}

/** Does what the plan says, step by step, and waits after each until everything is as before. */
export async function inject(steps: readonly Step[], injecting: Injecting): Promise<FaultRecord[]> {
  const records: FaultRecord[] = [];
  for (const [at, step] of steps.entries()) {
    await sleep(step.pauseMs);
    const hit = await Promise.all(step.faults.map((fault) => hitWith(fault, injecting)));
    const over = Math.max(...hit.map(({ to }) => to));
    const slower = slowness();
    const allowedMs = injecting.rules.recoveryMs * slower;
    const seconds = await recovery(injecting.watched, over, allowedMs);
    const alone = hit.length === 1;
    const judged = hit.map(({ kind, ...record }): FaultRecord => {
      const mustBeRed = alone && kind.red === true && record.to - record.from >= injecting.rules.redMs * slower;
      return {
        ...record,
        ...seconds,
        allowedMs,
        kind: kind.name,
        mustBeRed,
        wasRed: injecting.watched.health.wasRed(record.from, record.to + 1_000),
      };
    });
    records.push(...judged);
    injecting.say(`${at + 1}/${steps.length} ${judged.map(describe).join(' + ')}; ${describeRecovery(seconds)}`);
  }
  return records;
}

type Hit = Pick<FaultRecord, 'target' | 'killed' | 'froze' | 'forgot' | 'skewMs' | 'from' | 'to'> & { kind: FaultKind };

async function hitWith({ kind, afterMs, lastsMs, draw }: PlannedFault, { scene }: Injecting): Promise<Hit> {
  await sleep(afterMs);
  const from = Date.now();
  const { target, end, skewMs = 0 } = await kind.begin(scene, draw);
  await sleep(lastsMs);
  await end();
  const { kills = false, freezes = false, hits } = kind;
  return { kind, target, killed: kills, froze: freezes, forgot: hits === 'cache', skewMs, from, to: Date.now() };
}

function describe({ kind, target, from, to }: FaultRecord): string {
  return `${kind} (${target}) for ${seconds(to - from)}`;
}

function describeRecovery({ acceptsMs, deliversMs, greenMs }: Pick<FaultRecord, 'acceptsMs' | 'deliversMs' | 'greenMs'>): string {
  return `accepts after ${seconds(acceptsMs)}, delivers after ${seconds(deliversMs)}, green after ${seconds(greenMs)}`;
}

function seconds(ms: number | null): string {
  return ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`;
}
