import type { FaultRecord, Records } from '../records.js';

export const START = 1_800_000_000_000;

export const RULES: Records['rules'] = { timeoutMs: 4_000, leaseMs: 34_000, attempts: 3, recoveryMs: 30_000, redMs: 8_000 };

/** A fault of the present, over after a second, with nothing that the service did wrong. */
export function aFault(overrides: Partial<FaultRecord> = {}): FaultRecord {
  return {
    kind: 'database frozen',
    target: 'MariaDB',
    killed: false,
    froze: false,
    forgot: false,
    skewMs: 0,
    mustBeRed: false,
    wasRed: false,
    allowedMs: RULES.recoveryMs,
    from: START + 60_000,
    to: START + 61_000,
    acceptsMs: 100,
    deliversMs: 200,
    greenMs: 300,
    ...overrides,
  };
}

/** A run in which everything is right: one message was delivered, one failed for good, and both were polled. */
export function aCleanRun(): Records {
  const pair = { msg: 'msg_1', ep: 'ep_1' };
  const failing = { msg: 'msg_2', ep: 'ep_1' };
  const at = (seconds: number) => START + seconds * 1_000;
  return {
    endpoints: [{ id: 'ep_1', app: 'app_1', types: null }],
    sent: [
      { n: 1, app: 'app_1', hash: 'one', batch: false, answer: 'accepted', id: 'msg_1' },
      { n: 2, app: 'app_1', hash: 'two', batch: false, answer: 'accepted', id: 'msg_2' },
    ],
    receipts: [
      { ...pair, n: 1, hash: 'one', at: at(1), code: 200 },
      ...[2, 3, 4].map((second) => ({ ...failing, n: 2, hash: 'two', at: at(second), code: 500 })),
    ],
    messages: [
      { id: 'msg_1', app: 'app_1', n: 1, type: 'a', at: at(1) },
      { id: 'msg_2', app: 'app_1', n: 2, type: 'a', at: at(2) },
    ],
    deliveries: [
      { ...pair, status: 'success' },
      { ...failing, status: 'fail' },
    ],
    attempts: [
      { ...pair, id: 'atmpt_1', code: 200, at: at(1), ms: 5, said: '' },
      ...[2, 3, 4].map((second) => ({ ...failing, ms: 5, said: '', id: `atmpt_${second}`, code: 500, at: at(second) })),
    ],
    resends: [],
    polls: [{ sink: 'ep_9', app: 'app_1', types: null, ids: ['msg_1', 'msg_2'] }],
    faults: [aFault()],
    tries: [
      { at: at(0), ms: 5, allowedMs: 5_500, status: 202, retryAfter: false },
      { at: at(60), ms: 5, allowedMs: 5_500, status: 503, retryAfter: true },
      { at: at(60), ms: 5, allowedMs: 5_500, status: 0, retryAfter: false },
    ],
    exits: [],
    rules: RULES,
    settledMs: 5_000,
  };
}
