/** What a run has recorded. The oracle judges by nothing else. All times are Unix milliseconds of the suite's own clock. */
export interface Records {
  endpoints: EndpointRecord[];
  sent: SentMessage[];
  receipts: Receipt[];
  messages: ListedMessage[];
  deliveries: ListedDelivery[];
  attempts: ListedAttempt[];
  /** Manual attempts that were asked for, whether or not an answer came: each may deliver once more. */
  resends: Pair[];
  polls: PollRecord[];
  faults: FaultRecord[];
  tries: Try[];
  exits: ExitRecord[];
  rules: Rules;
  /** From the end of the load and of the last fault until no delivery was open; null if some stayed open for as long as the suite waited. */
  settledMs: number | null;
}

export interface Rules {
  /** DELIVERY_TIMEOUT_SECONDS. An answer that took nearly as long may have come too late. */
  timeoutMs: number;
  /** How long a claim is good. */
  leaseMs: number;
  /** The number of attempts of a delivery that fails for good. */
  attempts: number;
  /** /health is green, messages are accepted and delivered again within this time after a fault, if the machine does nothing else. */
  recoveryMs: number;
  /** /health is red within this time after a dependency went away. */
  redMs: number;
}

export interface Pair {
  msg: string;
  ep: string;
}

export interface EndpointRecord {
  id: string;
  app: string;
  /** The event types that it gets; null for all. */
  types: string[] | null;
}

/** A message that a client wanted to send. `n` is its number in the run and a part of its payload. */
export interface SentMessage {
  n: number;
  app: string;
  hash: string;
  /** It was sent in a batch. */
  batch: boolean;
  /** `none`: no answer, or only such as do not say whether it was accepted. */
  answer: 'accepted' | 'none';
  id: string | null;
}

/** A request that a receiver got. */
export interface Receipt extends Pair {
  n: number;
  hash: string;
  at: number;
  /** The status that it answered in time; null if it did not answer, or nothing that is HTTP. */
  code: number | null;
}

export interface ListedMessage {
  id: string;
  app: string;
  n: number;
  type: string;
  /** When it was accepted. */
  at: number;
}

export interface ListedDelivery extends Pair {
  status: 'success' | 'fail' | 'sending' | 'pending';
}

export interface ListedAttempt extends Pair {
  id: string;
  /** 0 without an answer. */
  code: number;
  at: number;
  ms: number;
  /** The beginning of the answer, or why there was none: for people. */
  said: string;
}

/** All that one poller got, in order. */
export interface PollRecord {
  sink: string;
  app: string;
  types: string[] | null;
  ids: string[];
}

export interface FaultRecord {
  kind: string;
  /** What exactly it hit, for people. */
  target: string;
  /** The process that was killed with SIGKILL, at `from`. */
  killed: boolean;
  /** A process of the service stood still. */
  froze: boolean;
  /** Redis was away, or lost what it knew. */
  forgot: boolean;
  /** How far the clock of a process was wrong meanwhile, in ms: negative is late. */
  skewMs: number;
  /** Whether /health must have been red: a dependency was away for long enough, and nothing else happened at the time. */
  mustBeRed: boolean;
  wasRed: boolean;
  /** How long it may take until all is as before: `recoveryMs`, and more on a machine that is busy with other work. */
  allowedMs: number;
  from: number;
  to: number;
  /** From `to` on; null if it took longer than the suite waited. */
  acceptsMs: number | null;
  deliversMs: number | null;
  greenMs: number | null;
}

/** One HTTP request for a message: a repeated one is a try of its own. */
export interface Try {
  at: number;
  /** Until the answer began, or the connection broke. Time in which the suite itself stood still does not count. */
  ms: number;
  /** The time that is stated for its answer, and what measuring may add to that; null where none is stated. */
  allowedMs: number | null;
  /** 0 without an answer. */
  status: number;
  /** Whether a 503 came with Retry-After. */
  retryAfter: boolean;
}

/** A process of the service that ended although nobody had told it to. */
export interface ExitRecord {
  process: string;
  at: number;
  how: string;
}
