import type { DeploymentRecord } from '../codedeploy/record.js';
import type { LifecycleEvent } from '../codedeploy/record.js';
import type { Counted } from '../load/program.js';
import type { Sending } from '../load/sender.js';
import type { Verdict } from '../oracle.js';
import type { Build } from '../revisions.js';
import type { Stage } from '../stage.js';

/** Of the load, if a scenario does not say otherwise. No more requests than these are under way at a time. */
export const CONNECTIONS = 64;

/** What a scenario may do while a deployment is played. */
export interface Play {
  stage: Stage;
  /** Starts a deployment of green's build; what is given is added to its environment. Answers its id. */
  deploy(environment?: Record<string, string>): string;
  /** Resolves when the deployment is over, and what it took away is gone. */
  finished(id: string): Promise<DeploymentRecord>;
  /** Resolves when there is such an entry in the journal that is younger than the call. */
  happens(event: string, subject?: RegExp): Promise<void>;
  /** Resolves when this phase of a deployment begins. */
  phase(name: LifecycleEvent | 'TerminationWait'): Promise<void>;
  /** Resolves when green has a part of the production traffic. */
  shifted(): Promise<void>;
  /** A time in which so many requests at most may fail with these outcomes, because something was broken on purpose. Answers its end. */
  broken(why: string, outcomes: readonly string[], most?: number): () => void;
}

/** How a deployment has to end. */
export interface End {
  status: DeploymentRecord['status'];
  /** Which build serves at the end. */
  serves: Build;
  /** Whether a rollback was made. */
  rolledBack: boolean;
  /** Why it ended before it succeeded: matches CodeDeploy's code and message, as in `ALARM_ACTIVE: The deployment …`. */
  because?: RegExp;
}

/** One deployment, with what goes wrong in it, and what has to come of it. */
export interface Scenario {
  name: string;
  /** One sentence. */
  title: string;
  end: End;
  /** Which builds blue and green are; usually the one before, and this one. */
  builds?: { blue: Build; green: Build };
  /** Environment of all tasks. */
  environment?: Record<string, string>;
  /** Of the load, where it is another one than usual. */
  load?: Partial<Pick<Sending, 'slow' | 'connections'>>;
  /** Until a hook without a verdict fails its event, ms on AWS; usually ten minutes. */
  hookLimitMs?: number;
  /** It is not about the canary, which is cut to two minutes of AWS. */
  hasShortCanary?: boolean;
  /** Played before each push of an image. */
  isShort?: boolean;
  /** A process is killed: messages may come twice. */
  kills?: boolean;
  /** Plays it, and answers the record of the deployment that is judged. */
  play(play: Play): Promise<DeploymentRecord>;
  /** What has to hold besides. */
  also?(stage: Stage, counted: Counted): Verdict[];
}
