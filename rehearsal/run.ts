import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../test/support/until.js';
import { isOver, type DeploymentRecord } from './codedeploy/record.js';
import type { Counted, Recent } from './load/program.js';
import type { Sending, Try } from './load/sender.js';
import { isBusy, judge, type Verdict, type Window } from './oracle.js';
import { migrate } from './parts.js';
import { CONNECTIONS, type Play, type Scenario } from './scenarios/scenario.js';
import type { Sample } from './samples.js';
import type { LogLine, Stage } from './stage.js';

const NO_SLOW_CLIENTS = { clients: 0, uploadMs: 0 };
/** Of load before the deployment begins: what p99 is compared with. */
const CALM_MS = 5_000;
/** Another scenario may start beside it: the load goes on until there were so many seconds in which a processor was free, but no longer than this. */
const CALM_SECONDS = 3;
const CALM_LIMIT_MS = 20_000;
/** Longer than any scenario of the default speed takes. */
const HAPPENS_LIMIT_MS = 300_000;
const ARRIVE_LIMIT_MS = 60_000;

/** What came of a scenario. */
export interface Outcome {
  scenario: Scenario;
  verdicts: Verdict[];
  record: DeploymentRecord;
  counted: Counted;
  windows: readonly Window[];
  samples: readonly Sample[];
  lines: readonly LogLine[];
  /** Epoch ms at the journal's zero. */
  zero: number;
  seconds: number;
}

/** What one of the command line wants. */
export interface How {
  requestsPerSecond: number;
  judgesTimes: boolean;
}

/** Plays one scenario under load, and judges it. */
export async function run(scenario: Scenario, stage: Stage, how: How): Promise<Outcome> {
  const startedAt = performance.now();
  const { load } = stage;
  const zero = Date.now() - stage.clock.now();
  await load.call('start', { ...(await sendingTo(stage)), perSecond: how.requestsPerSecond, ...scenario.load });
  sample(stage);
  await sleep(CALM_MS);
  await calmSeconds(stage);
  const before = (await load.call<Counted>('counted', 0)).tries;
  const began = Date.now();
  // As the pipeline does before each release: blue goes on with the newer schema.
  await migrate(stage.own, stage.images.now);
  stage.journal.note('scenario', 'database', 'migrated by this build');
  const windows: Window[] = [];
  const { record, cut } = await played(scenario, stage, windows);
  await stage.deployments.settled();
  await load.call('stop', undefined, ARRIVE_LIMIT_MS);
  const counted = await arrived(stage);
  const { samples } = stage;
  const lines = stage.lines.all();
  samples.stop();
  const kills = scenario.kills ?? false;
  const { judgesTimes } = how;
  const seen = {
    judgesTimes,
    zero,
    starts: stage.journal.of('PENDING').map(({ at }) => zero + at),
    counted,
    before: calm(before),
    began,
    windows,
    samples: samples.all,
    kills,
    record,
    ...standing(stage, record),
  };
  const verdicts = [...judge(scenario.end, seen), ...(cut ? [cut] : (scenario.also?.(stage, counted) ?? []))];
  const seconds = (performance.now() - startedAt) / 1_000;
  return { scenario, verdicts, record, counted, windows, samples: samples.all, lines, zero, seconds };
}

/** On a busy machine there may be none: then p99 has its least bound. */
async function calmSeconds({ samples }: Stage): Promise<void> {
  const end = performance.now() + CALM_LIMIT_MS;
  const isCalm = () => samples.all.filter((one) => !isBusy(one)).length >= CALM_SECONDS;
  while (!isCalm() && performance.now() < end) await sleep(200);
}

/** A deployment that ended before the scenario was through is judged all the same: that is how most mistakes show. */
async function played(
  scenario: Scenario,
  stage: Stage,
  windows: Window[],
): Promise<{ record: DeploymentRecord; cut: Verdict | null }> {
  const play = playOf(stage, windows, scenario);
  try {
    return { record: await scenario.play(play), cut: null };
  } catch (error) {
    const record = play.current();
    if (!record || !isOver(record)) throw error;
    return { record, cut: { text: 'it can be played to its end', holds: false, detail: (error as Error).message } };
  }
}

function sample({ groups, loadBalancer, service, load, clock, samples }: Stage): void {
  const groupOfSet = () => new Map(service.taskSets().map(({ id, targetGroupArn }) => [id, targetGroupArn]));
  const known = new Map<string, string>();
  samples.start({
    groups,
    weights: () => loadBalancer.production.weights,
    groupOf: (address) => {
      const sets = groupOfSet();
      for (const task of service.tasks('RUNNING')) known.set(task.address, sets.get(task.startedBy) ?? '');
      return known.get(address) ?? null;
    },
    recent: () => load.call<Recent>('recent'),
    now: () => clock.now(),
  });
}

/** The first seconds of a process are slower: its code is compiled. */
function calm(tries: readonly Try[]): Try[] {
  return tries.slice(Math.floor(tries.length / 3));
}

function playOf(stage: Stage, windows: Window[], { builds }: Scenario): Play & { current(): DeploymentRecord | null } {
  const { journal, deployments } = stage;
  let current = '';
  /** Rejects too when the deployment is over before. */
  const waitFor = async (isSo: () => boolean, what: string) => {
    const record = () => deployments.get(current);
    await until(() => isSo() || (current !== '' && isOver(record())), HAPPENS_LIMIT_MS, what);
    if (!isSo()) throw new Error(`The deployment is ${record().status} before ${what}: ${record().error?.message ?? ''}`);
  };
  return {
    stage,
    current: () => (current === '' ? null : deployments.get(current)),
    deploy(environment = {}) {
      current = deployments.start(stage.revisions.register(builds?.green ?? 'now', environment));
      return current;
    },
    finished: (id) => deployments.finished(id),
    async happens(event, subject = /./) {
      const from = journal.entries.length;
      const found = () => journal.entries.slice(from).some((entry) => entry.event === event && subject.test(entry.subject));
      await waitFor(found, `${event} of ${subject}`);
    },
    async phase(name) {
      const from = journal.entries.length;
      const begins = () =>
        journal.entries.slice(from).some(({ event, facts }) => event === 'phase.begin' && facts['phase'] === name);
      await waitFor(begins, `the phase ${name}`);
    },
    async shifted() {
      const { settings } = green(stage);
      const isShifted = () => (stage.loadBalancer.production.weights.get(settings.arn) ?? 0) > 0;
      await waitFor(isShifted, 'the shift');
    },
    broken(why, outcomes, most = Number.POSITIVE_INFINITY) {
      const window = { from: Date.now(), to: Number.POSITIVE_INFINITY, why, outcomes, most };
      windows.push(window);
      journal.note('scenario', why, 'broken');
      return () => {
        window.to = Date.now();
        journal.note('scenario', why, 'mended');
      };
    },
  };
}

/** The target group that has no traffic at first. */
function green({ groups }: Stage): Stage['groups'][number] {
  return groups[1];
}

/** An application with one endpoint at the receiver. */
async function sendingTo({ load, loadBalancer, token }: Stage): Promise<Omit<Sending, 'perSecond'>> {
  const receiver = await load.call<string>('listen');
  const url = loadBalancer.production.url;
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const { id: appId } = await post('/app', { name: 'rehearsal' });
  await post(`/app/${appId}/endpoint`, { url: `${receiver}/hook` });
  return { url, token, appId, connections: CONNECTIONS, slow: NO_SLOW_CLIENTS };
}

/** All accepted messages have a while to arrive. */
async function arrived({ load }: Stage): Promise<Counted> {
  const counted = () => load.call<Counted>('counted', 0);
  const all = async () => (await counted()).missing === 0;
  await until(all, ARRIVE_LIMIT_MS, 'all accepted messages').catch(() => {});
  return counted();
}

/** Which build has the traffic, and whether a rollback was made. */
function standing(stage: Stage, record: DeploymentRecord): { serves: string; rolledBack: boolean } {
  const [group] = [...stage.loadBalancer.production.weights].find(([, weight]) => weight > 0) ?? [];
  const set = stage.service.taskSets().find(({ targetGroupArn }) => targetGroupArn === group);
  const tasks = stage.service.tasks('RUNNING').filter(({ startedBy }) => startedBy === set?.id);
  const build = stage.revisions.buildOf(tasks[0]?.taskDefinition ?? '');
  return { serves: build, rolledBack: record.rollback?.rollbackDeploymentId !== undefined };
}
