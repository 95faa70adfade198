import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../test/support/until.js';
import type { DeploymentRecord } from './codedeploy/record.js';
import type { Counted } from './load/program.js';
import type { Sending, Try } from './load/sender.js';
import { judge, type Verdict, type Window } from './oracle.js';
import type { Play, Scenario } from './scenarios/scenario.js';
import type { Stage } from './stage.js';

const PER_SECOND = 200;
const CONNECTIONS = 64;
/** Of load before the deployment begins: what p99 is compared with. */
const CALM_MS = 5_000;
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
  /** Epoch ms at the journal's zero. */
  zero: number;
  seconds: number;
}

/** Plays one scenario under load, and judges it. */
export async function run(scenario: Scenario, stage: Stage): Promise<Outcome> {
  const began = performance.now();
  const { load } = stage;
  const zero = Date.now() - stage.clock.now();
  await load.call('start', await sendingTo(stage));
  await sleep(CALM_MS);
  const before = (await load.call<Counted>('counted', 0)).tries;
  const windows: Window[] = [];
  const record = await scenario.play(playOf(stage, windows, scenario));
  await stage.deployments.settled();
  await load.call('stop', undefined, ARRIVE_LIMIT_MS);
  const counted = await arrived(stage);
  const seen = { counted, before: calm(before), windows, kills: scenario.kills ?? false, record, ...standing(stage, record) };
  const verdicts = judge(scenario.end, seen);
  return { scenario, verdicts, record, counted, windows, zero, seconds: (performance.now() - began) / 1_000 };
}

/** The first seconds of a process are slower: its code is compiled. */
function calm(tries: readonly Try[]): Try[] {
  return tries.slice(Math.floor(tries.length / 3));
}

function playOf(stage: Stage, windows: Window[], { builds }: Scenario): Play {
  const { journal, deployments } = stage;
  return {
    stage,
    deploy: (environment = {}) => deployments.start(stage.revision(builds?.green ?? 'now', environment)),
    finished: (id) => deployments.finished(id),
    async happens(event, subject = /./) {
      const from = journal.entries.length;
      const found = () => journal.entries.slice(from).some((entry) => entry.event === event && subject.test(entry.subject));
      await until(found, HAPPENS_LIMIT_MS, `${event} of ${subject}`);
    },
    async shifted() {
      const { settings } = green(stage);
      const isShifted = () => (stage.loadBalancer.production.weights.get(settings.arn) ?? 0) > 0;
      await until(isShifted, HAPPENS_LIMIT_MS, 'the shift');
    },
    broken(why, outcomes) {
      const window = { from: Date.now(), to: Number.POSITIVE_INFINITY, why, outcomes };
      windows.push(window);
      stage.journal.note('scenario', why, 'broken');
      return () => {
        window.to = Date.now();
        stage.journal.note('scenario', why, 'mended');
      };
    },
  };
}

/** The target group that has no traffic at first. */
function green({ groups }: Stage): Stage['groups'][number] {
  return groups[1];
}

/** An application with one endpoint at the receiver. */
async function sendingTo({ load, loadBalancer, token }: Stage): Promise<Sending> {
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
  return { url, token, appId, perSecond: PER_SECOND, connections: CONNECTIONS };
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
  const build = stage.buildOf(tasks[0]?.taskDefinition ?? '');
  return { serves: build, rolledBack: record.rollback?.rollbackDeploymentId !== undefined };
}
