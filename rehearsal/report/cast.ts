import type { Entry } from '../model.js';

/** Names of the two target groups, in the order of the stage: blue's has all traffic at first. */
export type Colour = 'blue' | 'green';

export const COLOURS: readonly [Colour, Colour] = ['blue', 'green'];

/** What became of a task. Times are real ms since the rehearsal began; null is what has not happened. */
export interface TaskStory {
  arn: string;
  colour: Colour | null;
  /** ARN of its task definition. */
  definition: string;
  zone: string;
  createdAt: number;
  /** When it was RUNNING. */
  startedAt: number | null;
  stoppingAt: number | null;
  stoppedAt: number | null;
  /** Stop code and reason. */
  why: string | null;
  exitCode: number | null;
}

/** Who is who in a rehearsal, as its journal tells it entry by entry: the colours of target groups and task sets, and the tasks. */
export class Cast {
  /** By ARN, in the order in which they were started. */
  readonly tasks = new Map<string, TaskStory>();
  private readonly colours = new Map<string, Colour>();
  private first: string | null = null;

  /** Task definition of the first task set. */
  get firstDefinition(): string | null {
    return this.first;
  }

  add({ at, source, subject, event, facts }: Entry): void {
    // CodeDeploy names both target groups before the second one has a task set.
    if (source === 'codedeploy' && event === 'weights')
      Object.keys(facts['weights'] ?? {}).forEach((group) => this.addGroup(group));
    if (source !== 'ecs') return;
    if (typeof facts['targetGroup'] === 'string') this.addTaskSet(subject, facts['targetGroup'], String(facts['taskDefinition']));
    else if (event === 'PROVISIONING') this.addTask(subject, at, facts);
    else this.goOn(this.tasks.get(subject), event, at, facts);
  }

  /** Of a target group's name, a task set's id or a task's ARN; null if it is none of these. */
  colourOf(subject: string): Colour | null {
    return this.colours.get(subject) ?? this.tasks.get(subject)?.colour ?? null;
  }

  private addTaskSet(id: string, group: string, definition: string): void {
    this.first ??= definition;
    this.colours.set(id, this.addGroup(group));
  }

  private addGroup(name: string): Colour {
    const colour = this.colours.get(name) ?? (this.colours.size === 0 ? 'blue' : 'green');
    this.colours.set(name, colour);
    return colour;
  }

  private addTask(arn: string, createdAt: number, { startedBy, taskDefinition, zone }: Entry['facts']): void {
    this.tasks.set(arn, {
      arn,
      colour: this.colourOf(String(startedBy)),
      definition: String(taskDefinition),
      zone: String(zone),
      createdAt,
      startedAt: null,
      stoppingAt: null,
      stoppedAt: null,
      why: null,
      exitCode: null,
    });
  }

  private goOn(task: TaskStory | undefined, event: string, at: number, facts: Entry['facts']): void {
    if (!task) return;
    if (event === 'RUNNING') task.startedAt = at;
    if (event === 'stop requested') {
      task.stoppingAt = at;
      task.why = `${String(facts['stopCode'])}: ${String(facts['stoppedReason'])}`;
    }
    if (event === 'STOPPED') {
      task.stoppedAt = at;
      task.exitCode = typeof facts['exitCode'] === 'number' ? facts['exitCode'] : null;
      task.why ??= typeof facts['stoppedReason'] === 'string' ? facts['stoppedReason'] : null;
    }
  }
}
