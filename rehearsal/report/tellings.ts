import type { Entry, Source } from '../model.js';
import type { Cast } from './cast.js';
import { factsOf, lastPart, taskName } from './words.js';

/** What an event is about. */
export type Lane = 'deployment' | 'phase' | 'shift' | 'hook' | 'alarm' | 'task' | 'scenario';

export type Tone = 'plain' | 'good' | 'bad';

/** An event in words. */
export interface Telling {
  lane: Lane;
  tone: Tone;
  text: string;
}

type Teller = (entry: Entry, cast: Cast) => Telling | null;

const TELLERS: Record<Source, Teller> = {
  alb: ofTarget,
  ecs: (entry, cast) => (cast.tasks.has(entry.subject) ? ofTask(entry, cast) : ofService(entry, cast)),
  codedeploy: (entry, cast) => ofDeployment(entry) ?? ofPhase(entry, cast),
  cloudwatch: ofAlarm,
  lambda: ({ subject, event, facts }) =>
    event === 'failed' ? tell('hook', 'bad', `${subject}: ${text(facts['failed'])}`) : null,
  load: () => null,
  scenario: ofScenario,
};

/** What an entry says to somebody who knows ECS; null for small steps, which the list of all events has. `cast` has to know the entry. */
export function tellingOf(entry: Entry, cast: Cast): Telling | null {
  if (entry.event.startsWith('api.')) return tell('scenario', 'bad', `${entry.event} ${factsOf(entry.facts)}`);
  return TELLERS[entry.source](entry, cast);
}

function ofDeployment({ subject, event, facts }: Entry): Telling | null {
  const { creator, configName, taskDefinition, status, error } = facts;
  if (event === 'deployment.created') {
    const definition = lastPart(text(taskDefinition));
    if (creator === 'codeDeployRollback') return tell('deployment', 'bad', `${subject} takes the release back to ${definition}`);
    return tell('deployment', 'plain', `${subject} brings in ${definition}, ${text(configName)}`);
  }
  if (event === 'deployment.stop_requested') return tell('deployment', 'bad', `${subject} is asked to stop`);
  if (event !== 'deployment.status' || status === 'InProgress') return null;
  const why = error ? `: ${text((error as { message?: unknown }).message)}` : '';
  const tone = status === 'Succeeded' ? 'good' : status === 'Ready' ? 'plain' : 'bad';
  return tell('deployment', tone, `${subject} is ${text(status)}${why}`);
}

function ofPhase({ event, facts }: Entry, cast: Cast): Telling | null {
  const { phase, status, listener, weights, error } = facts;
  switch (event) {
    case 'phase.begin':
      return tell('phase', 'plain', text(phase));
    case 'phase.end':
      return status === 'Failed' ? tell('phase', 'bad', `${text(phase)} has failed`) : null;
    case 'hook.status':
      return tell('hook', status === 'Succeeded' ? 'good' : 'bad', `the function of ${text(phase)} says ${text(status)}`);
    case 'hook.not_invoked':
      return tell('hook', 'bad', `the function of ${text(phase)} can't be called: ${text(error)}`);
    case 'weights':
      return tell('shift', 'plain', `${text(listener)} listener: ${inWords(weights, cast)}`);
    case 'taskset.not_deleted':
      return tell('task', 'bad', `a task set is not deleted: ${text(error)}`);
    default:
      return null;
  }
}

function inWords(weights: unknown, cast: Cast): string {
  const parts = Object.entries((weights ?? {}) as Record<string, number>);
  return parts.map(([group, weight]) => `${cast.colourOf(group) ?? group} ${weight}`).join(', ');
}

function ofTask({ subject, event, facts }: Entry, cast: Cast): Telling | null {
  const { colour, zone } = cast.tasks.get(subject)!;
  const who = `${colour ?? 'some'} task ${taskName(subject)} in ${zone}`;
  const { stopCode, stoppedReason, exitCode, signal, status, output } = facts;
  switch (event) {
    case 'stop requested': {
      const isWanted = stopCode === 'UserInitiated' || text(stoppedReason).startsWith('Scaling activity');
      return tell('task', isWanted ? 'plain' : 'bad', `${who} stops. ${text(stopCode)}: ${text(stoppedReason)}`);
    }
    case 'STOPPED':
      return typeof exitCode === 'number' && exitCode !== 0 ? tell('task', 'bad', `${who} ended with ${exitCode}`) : null;
    case 'SIGKILL':
      return tell('task', 'bad', `${who} did not end in time, and gets SIGKILL`);
    case 'signal':
      return tell('task', 'bad', `${who} gets ${text(signal)}`);
    case 'container health':
      return status === 'UNHEALTHY' ? tell('task', 'bad', `${who} is UNHEALTHY: ${text(output)}`) : null;
    case 'not deregistered':
      return tell('task', 'bad', `${who} is not deregistered: ${text(facts['error'])}`);
    default:
      return null;
  }
}

function ofService({ subject, event, facts }: Entry, cast: Cast): Telling | null {
  const { taskDefinition, desired, running, kind, waitMs } = facts;
  const who = cast.colourOf(subject) ?? lastPart(subject);
  if (taskDefinition !== undefined)
    return tell('task', 'plain', `${who} starts ${text(desired)} tasks of ${lastPart(text(taskDefinition))}`);
  switch (event) {
    case 'PRIMARY':
      return tell('task', 'plain', `${who} is the primary task set`);
    case 'steady state':
      return tell('task', 'good', `${who} is steady: ${text(running)} of ${text(desired)} tasks run`);
    case 'deleted':
      return tell('task', 'plain', `${who} has no tasks any more`);
    case 'unable to consistently start tasks successfully':
      return tell('task', 'bad', `${who} is ${event}; the next one starts after ${text(waitMs)} ms`);
    case 'scaled':
      return tell('task', 'plain', `the service is scaled to ${text(desired)} tasks`);
    case 'zone lost':
      return tell('task', 'bad', `the zone ${subject} is lost: ${text(kind)}`);
    case 'zone back':
      return tell('task', 'good', `the zone ${subject} is back`);
    default:
      return null;
  }
}

function ofTarget({ subject, event, facts }: Entry, cast: Cast): Telling | null {
  const { target, from, reason } = facts;
  const who = `${cast.colourOf(subject) ?? subject} target ${text(target)}`;
  if (event === 'unhealthy') return tell('task', 'bad', `${who} is unhealthy: ${text(reason)}`);
  return event === 'healthy' && from === 'unhealthy' ? tell('task', 'good', `${who} is healthy again`) : null;
}

function ofAlarm({ subject, event, facts: { from, to, reason } }: Entry): Telling | null {
  if (event !== 'alarm.state' || (from !== 'ALARM' && to !== 'ALARM')) return null;
  return tell('alarm', to === 'ALARM' ? 'bad' : 'good', `${subject} is ${text(to)}. ${text(reason)}`);
}

function ofScenario({ subject, event, facts }: Entry): Telling {
  const tone = event === 'broken' ? 'bad' : event === 'mended' ? 'good' : 'plain';
  return tell('scenario', tone, `${subject}: ${event} ${factsOf(facts)}`.trimEnd());
}

function tell(lane: Lane, tone: Tone, text: string): Telling {
  return { lane, tone, text };
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '?';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
