import type { Pressed, Pressure } from '../load/pressure.js';
import type { Remote } from '../load/remote.js';
import { progress } from '../report/terminal.js';
import type { Kind } from './kinds.js';
import { quantile, type Measured } from './judge.js';
import type { Organisation, Stage } from './stage.js';

export interface Lengths {
  /** Of the overload, in seconds. */
  overload: number;
  /** Of the measurement of the capacity. */
  capacity: number;
  /** Requests of the overload, times the capacity. */
  factor: number;
  /** How often a client repeats a request that was refused, and whether these requests come on top of the factor. */
  repeats: number;
  repeatsOnTop: boolean;
}

const CONNECTIONS = 4_000;
/** A step of the warm-up that is less than so much better than the best before ends it. */
const WARM_RISE = 1.05;
const MOST_WARM_STEPS = 10;
const QUIET_RATE = 20;
/** More than the requests of the neighbour that are under way at a time, so that none waits for a connection. */
const QUIET_CONNECTIONS = 64;
const QUIET_BODY = JSON.stringify({ eventType: 'order.paid', payload: { text: 'x'.repeat(300) } });
/** Longer than the answers to the last requests can take. */
const CALL_MORE_MS = 60_000;
/** After the overload: a quarter of the capacity, in steps of so many seconds, until one step is as without an overload. */
const STEP_SECONDS = 1;
const CALM_SHARE = 0.25;
const CALM_P99_MS = 250;
const CALM_LIMIT_MS = 30_000;
/** Longest that the deliveries of the measurement of the capacity are waited for, so that they do not burden the overload. */
const SETTLE_LIMIT_MS = 15_000;

/** Measures the capacity, then the overload with its neighbour, then the time until all is as before. */
export async function measure(stage: Stage, form: string, kind: Kind, lengths: Lengths): Promise<Measured> {
  const { paths, body } = await kind.request(stage);
  const { generators, loud, quiet, load } = stage;
  await load.begin(loud.run);
  let expected = 0;
  const loudly = async (seconds: number, rate: number | null, connections: number) => {
    const pressed = await press(generators[0], stage, loud, {
      paths,
      body,
      seconds,
      rate,
      connections,
      repeats: lengths.repeats,
      repeatsOnTop: lengths.repeatsOnTop,
    });
    expected += pressed.accepted * (kind.deliveries ?? 0);
    return pressed;
  };
  const arrived = (withinMs: number) => load.arrivals({ deliveries: expected, withinMs });
  progress(`${form}, ${kind.name}: capacity`);
  const capacitySeconds = Math.max(2, lengths.capacity * kind.part);
  await warmed(async () => rateOf(await loudly(capacitySeconds / 2, null, kind.lanes)));
  const without = await loudly(capacitySeconds, null, kind.lanes);
  const capacity = rateOf(without);
  await arrived(SETTLE_LIMIT_MS);

  progress(`${form}, ${kind.name}: overload, capacity ${capacity.toFixed(0)}/s`);
  const seconds = Math.max(6, lengths.overload * kind.part);
  stage.peakMb();
  const cpuBefore = stage.cpuMs();
  const neighbour = press(generators[1], stage, quiet, {
    paths: [`/api/v1/app/${quiet.appId}/msg?with_content=false`],
    body: QUIET_BODY,
    seconds,
    rate: QUIET_RATE,
    connections: QUIET_CONNECTIONS,
    repeats: lengths.repeats,
    repeatsOnTop: true,
  });
  const overload = await loudly(seconds, capacity * lengths.factor, CONNECTIONS);
  const cpu = stage.cpuMs();
  const endedAt = performance.now();
  const calmAfterMs = await calm(async () => loudly(STEP_SECONDS, Math.max(4, capacity * CALM_SHARE), kind.lanes), endedAt);
  if (calmAfterMs !== null) await arrived(Math.max(1_000, CALM_LIMIT_MS - (performance.now() - endedAt)));
  const backAfterMs = kind.deliveries === null ? calmAfterMs : await settledAfter(stage, expected, calmAfterMs, endedAt);
  const wallMs = overload.endedAt - overload.startedAt;
  const peakMb = stage.peakMb();
  const beside = await neighbour;
  const share = (after: number, before: number) => (after - before) / wallMs;
  return {
    form,
    kind: kind.name,
    capacity,
    accepted: rateOf(overload),
    acceptedMs: [quantile(overload.acceptedMs, 0.5), quantile(overload.acceptedMs, 0.99)],
    refused: (overload.refusedMs.length * 1000) / wallMs,
    refusedP99Ms: quantile(overload.refusedMs, 0.99),
    failedConnects: (overload.others['connect'] ?? 0) + (beside.others['connect'] ?? 0),
    others: withoutConnects(overload.others),
    neighbourP99Ms: quantile(beside.acceptedMs, 0.99),
    neighbourFailed: beside.failed,
    peakMb,
    backAfterSeconds: backAfterMs === null ? null : backAfterMs / 1000,
    serviceShare: share(cpu.service, cpuBefore.service),
    generatorShare: share(cpu.generator, cpuBefore.generator),
  };
}

/** A process that has just started has not compiled its code yet: its rate rises for as long as that goes on. */
async function warmed(rate: () => Promise<number>): Promise<void> {
  let best = 0;
  for (let step = 0; step < MOST_WARM_STEPS; step++) {
    const last = await rate();
    if (last < best * WARM_RISE) return;
    best = Math.max(best, last);
  }
}

function press(
  generator: Remote,
  { servers }: Stage,
  { token }: Organisation,
  load: Omit<Pressure, 'servers' | 'token'>,
): Promise<Pressed> {
  return generator.call<Pressed>('press', { servers, token, ...load } satisfies Pressure, load.seconds * 1000 + CALL_MORE_MS);
}

/** While the load goes on: by the last answer, accepted ÷ time. */
function rateOf({ accepted, startedAt, endedAt }: Pressed): number {
  return (accepted * 1000) / (endedAt - startedAt);
}

/** When the first step began in which all was accepted, and soon; null if there was none in time. */
async function calm(step: () => Promise<Pressed>, since: number): Promise<number | null> {
  while (performance.now() - since < CALM_LIMIT_MS) {
    const beganMs = performance.now() - since;
    const { failed, refusedMs, others, acceptedMs } = await step();
    const clean = failed === 0 && refusedMs.length === 0 && Object.keys(others).length === 0;
    if (clean && quantile(acceptedMs, 0.99) <= CALM_P99_MS) return beganMs;
  }
  return null;
}

/** Deliveries have to be made up for as well. */
async function settledAfter(stage: Stage, expected: number, calmAfterMs: number | null, since: number): Promise<number | null> {
  const { deliveries } = await stage.load.arrivals({ deliveries: expected, withinMs: 0 });
  if (calmAfterMs === null || deliveries < expected) return null;
  return Math.max(calmAfterMs, performance.now() - since);
}

function withoutConnects({ connect: _connect, ...others }: Record<string, number>): Record<string, number> {
  return others;
}
