import type { Clock, Journal, Registry, Target, TargetGroupSettings, TargetHealth } from '../model.js';
import { DRAINING, judged, REGISTERING, UNUSED, type Outcome, type Standing } from './target-states.js';

/** A target from its registration until it is unused. One that is registered again is another member. */
export interface Member {
  readonly target: Target;
  /** Address and port. */
  readonly key: string;
  readonly standing: Standing;
  /** Requests that were sent to it and are not answered to the end. */
  readonly underWay: number;
  /** Aborted when it is unused: its connections are closed then. */
  readonly gone: AbortSignal;
}

/** Told of the targets that have to be checked. */
export interface Watcher {
  joined(member: Member): void;
  left(member: Member): void;
}

interface Entry extends Member {
  standing: Standing;
  underWay: number;
  readonly leaving: AbortController;
}

/** A target group: who is registered, in which state, and whose turn it is. Health checks judge it from outside. */
export class TargetGroup implements Registry {
  readonly settings: TargetGroupSettings;
  private readonly clock: Clock;
  private readonly journal: Journal;
  private readonly registered = new Map<string, Entry>();
  private readonly draining = new Map<Entry, Promise<void>>();
  private readonly watchers: Watcher[] = [];
  private turn = 0;

  constructor({ settings, clock, journal }: { settings: TargetGroupSettings; clock: Clock; journal: Journal }) {
    this.settings = settings;
    this.clock = clock;
    this.journal = journal;
  }

  /** Does nothing if the target is registered. One that is draining becomes a new target. */
  register(target: Target): void {
    const key = keyOf(target);
    if (this.registered.has(key)) return;
    const leaving = new AbortController();
    const entry: Entry = { target, key, standing: REGISTERING, underWay: 0, gone: leaving.signal, leaving };
    this.registered.set(key, entry);
    this.note(entry, 'none');
    for (const watcher of this.watchers) watcher.joined(entry);
  }

  /**
   * Stops new requests to it. Resolves after the deregistration delay, even if nothing is under way: deregistration is complete earlier then,
   * but "the status of the target is displayed as draining until the deregistration delay timeout expires".
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
   * Resolves at once if the target is not registered: the action "returns successfully" then.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html
   */
  deregister(target: Target): Promise<void> {
    const key = keyOf(target);
    const entry = this.registered.get(key);
    if (entry) return this.drain(entry);
    for (const [leaving, done] of this.draining) if (leaving.key === key) return done;
    return Promise.resolve();
  }

  health(): TargetHealth[] {
    const draining = [...this.draining.keys()].filter(({ key }) => !this.registered.has(key));
    return [...this.registered.values(), ...draining].map(({ target, standing }) => ({
      target,
      state: standing.state,
      reason: standing.reason,
    }));
  }

  /**
   * The target for a request, none of `exclude` (keys); null if there is none. Healthy targets only, if there are any; otherwise all that are
   * registered, in whatever state (fail open): "if the load balancer doesn't have enough healthy targets, it automatically sends traffic to all
   * registered targets".
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#modify-target-group-health-settings
   */
  choose(exclude: ReadonlySet<string>): Member | null {
    const all = [...this.registered.values()];
    const healthy = all.filter(({ standing }) => standing.state === 'healthy');
    const able = (healthy.length > 0 ? healthy : all).filter(({ key }) => !exclude.has(key));
    return this.next(able);
  }

  /** A request is on its way to the target. */
  began(member: Member): void {
    (member as Entry).underWay += 1;
  }

  /** That request is over. */
  ended(member: Member): void {
    const entry = member as Entry;
    entry.underWay -= 1;
    if (entry.underWay === 0 && entry.standing === DRAINING)
      this.journal.note('alb', this.settings.name, 'drained', { target: entry.key });
  }

  /** Takes the outcome of a health check; it says nothing about a target that has left. */
  judge(member: Member, outcome: Outcome): void {
    const entry = this.registered.get(member.key);
    if (entry !== member) return;
    this.change(entry, judged(entry.standing, outcome, this.settings));
  }

  /** Tells of the targets that are registered now and later. */
  watch(watcher: Watcher): void {
    this.watchers.push(watcher);
    for (const entry of this.registered.values()) watcher.joined(entry);
  }

  private drain(entry: Entry): Promise<void> {
    this.registered.delete(entry.key);
    this.change(entry, DRAINING);
    for (const watcher of this.watchers) watcher.left(entry);
    const done = new Promise<void>((resolve) => {
      const leave = () => {
        this.draining.delete(entry);
        this.change(entry, UNUSED);
        entry.leaving.abort();
        resolve();
      };
      setTimeout(leave, this.clock.seconds(this.settings.deregistrationDelayMs));
    });
    this.draining.set(entry, done);
    return done;
  }

  /**
   * Round robin: in sequence. Least outstanding requests: the one with the fewest in progress.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#modify-routing-algorithm
   * Assumption: among those with equally few it goes round too.
   */
  private next(able: readonly Entry[]): Entry | null {
    const first = this.turn++;
    if (this.settings.algorithm === 'round_robin') return able[first % able.length] ?? null;
    let best: Entry | null = null;
    for (let step = 0; step < able.length; step += 1) {
      const entry = able[(first + step) % able.length];
      if (entry && (best === null || entry.underWay < best.underWay)) best = entry;
    }
    return best;
  }

  private change(entry: Entry, standing: Standing): void {
    const before = entry.standing.state;
    entry.standing = standing;
    if (standing.state !== before) this.note(entry, before);
  }

  private note({ key, standing, underWay }: Entry, from: string): void {
    const { state, reason } = standing;
    this.journal.note('alb', this.settings.name, state, { target: key, from, reason, underWay });
  }
}

function keyOf({ id, port }: Target): string {
  return `${id}:${port}`;
}
