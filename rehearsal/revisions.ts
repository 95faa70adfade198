import type { TaskDefinition } from './model.js';

export type Build = 'before' | 'now';

/** The task definitions that are registered in a rehearsal, in order. */
export class Revisions {
  private readonly made: TaskDefinition[] = [];
  private readonly render: (revision: number, image: string) => TaskDefinition;
  private readonly environment: Readonly<Record<string, string>>;

  /**
   * @param render makes the task definition of a revision and an image
   * @param environment that all of them get besides
   */
  constructor(render: (revision: number, image: string) => TaskDefinition, environment: Readonly<Record<string, string>>) {
    this.render = render;
    this.environment = environment;
  }

  /** A new revision, with these environment variables besides. */
  register(build: Build, environment: Readonly<Record<string, string>> = {}): TaskDefinition {
    const made = this.render(this.made.length + 1, `posthorn:${build}`);
    const more = { ...this.environment, ...environment };
    Object.assign(made.environment, more);
    // ECS refuses a name that is in both.
    for (const name of Object.keys(more)) delete made.secrets[name];
    this.made.push(made);
    return made;
  }

  /** Throws if none is registered. */
  get first(): TaskDefinition {
    const [first] = this.made;
    if (!first) throw new Error('No task definition is registered.');
    return first;
  }

  /** Null if there is none. */
  find(arn: string): TaskDefinition | null {
    return this.made.find((one) => one.arn === arn) ?? null;
  }

  /** `before`, `now`, or nothing if there is no such revision. */
  buildOf(arn: string): string {
    return this.find(arn)?.image.split(':')[1] ?? '';
  }
}
