import { describe, expect, it } from '@jest/globals';
import type { Records } from '../records.js';
import { judge } from './judge.js';
import { aCleanRun, aFault, START } from './sample.js';

/** The names of the invariants that are broken after this change of a clean run. */
function broken(change: (records: Records) => void): string[] {
  const records = aCleanRun();
  change(records);
  return judge(records)
    .filter(({ violations }) => violations.length > 0)
    .map(({ invariant }) => invariant);
}

const LOST = 'no message is lost';
const BYTES = 'the bytes are exact';
const ONCE = 'a key makes one message';
const ATTEMPTS = 'every attempt is listed, and was seen';
const DUPLICATES = 'no duplicate without a fault';
const OPEN = 'no delivery stays open';
const POLLERS = 'a poller passes nothing';
const ANSWERS = 'an answer is 202 or says when to come again';
const PUNCTUAL = 'every request is answered in time';
const HEALTH = 'health is red in time and green again';
const EXITS = 'no process ends by itself';

/** A second acceptance of message 1, listed as an attempt, `ms` after the first. */
function acceptedAgain(records: Records, ms: number): void {
  const at = records.receipts[0]!.at + ms;
  records.receipts.push({ ...records.receipts[0]!, at });
  records.attempts.push({ ...records.attempts[0]!, id: 'atmpt_9', at });
}

describe('the oracle', () => {
  it('finds nothing wrong with a clean run', () => {
    expect(broken(() => {})).toEqual([]);
  });

  it('judges each invariant once', () => {
    const names = judge(aCleanRun()).map(({ invariant }) => invariant);
    expect(names).toEqual([LOST, BYTES, ONCE, ATTEMPTS, DUPLICATES, OPEN, POLLERS, ANSWERS, PUNCTUAL, HEALTH, EXITS]);
  });

  it.each<[what: string, invariant: string, plant: (records: Records) => void]>([
    ['an accepted message that is not listed', LOST, (run) => (run.sent[0]!.id = 'msg_3')],
    [
      'a delivery that is listed as delivered, but did not arrive',
      LOST,
      (run) => run.receipts.splice(0, 1) && run.attempts.splice(0, 1),
    ],
    ['a listed message without a delivery', LOST, (run) => run.deliveries.splice(0, 1)],
    ['a delivery that failed before it used up its attempts', LOST, (run) => run.receipts.pop() && run.attempts.pop()],
    ['a changed byte', BYTES, (run) => (run.receipts[1]!.hash = 'three')],
    ['a payload that nobody sent', BYTES, (run) => (run.receipts[1]!.n = 7)],
    ['a second message for one number', ONCE, (run) => (run.messages[1]!.n = 1)],
    [
      'a second message for a batch, while Redis was there',
      ONCE,
      (run) => {
        run.sent[1]!.batch = true;
        run.messages[0]!.n = 2;
        run.faults = [aFault({ forgot: true, from: START + 3_000 })];
      },
    ],
    [
      'a second message for one number that was no batch, while Redis was away',
      ONCE,
      (run) => {
        run.messages[1]!.n = 1;
        run.faults = [aFault({ forgot: true, from: START })];
      },
    ],
    [
      'an answer that is not listed, after an attempt that timed out',
      ATTEMPTS,
      (run) => {
        Object.assign(run.receipts[1]!, { code: null });
        Object.assign(run.attempts[1]!, { code: 0, ms: 4_000 });
        run.receipts.push({ ...run.receipts[1]!, code: 500, at: START + 64_000 });
      },
    ],
    ['a message for an endpoint that is not to get it', ONCE, (run) => (run.endpoints[0]!.types = ['b'])],
    ['a request that was answered, but is not listed', ATTEMPTS, (run) => run.attempts.splice(1, 1)],
    ['an attempt that no receiver saw', ATTEMPTS, (run) => run.attempts.push({ ...run.attempts[1]!, id: 'atmpt_9' })],
    ['an attempt with another status than was answered', ATTEMPTS, (run) => (run.attempts[1]!.code = 503)],
    [
      'an attempt without an answer that no receiver saw',
      ATTEMPTS,
      (run) => run.attempts.push({ ...run.attempts[1]!, id: 'atmpt_9', code: 0 }),
    ],
    [
      'a second request that is not listed, while a clock was skewed without a kill',
      ATTEMPTS,
      (run) => {
        run.receipts.push({ ...run.receipts[0]!, at: START + 4_000 });
        run.attempts[0]!.at = START + 4_000 - 60_000;
        run.faults = [aFault({ skewMs: -60_000, from: START + 1_300, to: START + 14_000 })];
      },
    ],
    [
      'an answer in time that a process with a skewed clock listed as none',
      ATTEMPTS,
      (run) => {
        Object.assign(run.attempts[0]!, { code: 0, at: run.attempts[0]!.at - 60_000 });
        run.faults = [aFault({ skewMs: -60_000, from: START, to: START + 14_000 })];
      },
    ],
    ['a duplicate without a fault', DUPLICATES, (run) => acceptedAgain(run, 1_000)],
    [
      'two duplicates with one fault',
      DUPLICATES,
      (run) => {
        run.faults = [aFault({ from: START, to: START + 2_000 })];
        acceptedAgain(run, 1_000);
        acceptedAgain(run, 2_000);
      },
    ],
    ['a delivery that is still open', OPEN, (run) => (run.deliveries[0]!.status = 'sending')],
    ['deliveries that were open for too long', OPEN, (run) => (run.settledMs = null)],
    ['a message that a poller passed', POLLERS, (run) => run.polls[0]!.ids.shift()],
    ['a message that a poller got twice', POLLERS, (run) => run.polls[0]!.ids.push('msg_2')],
    ['messages that a poller got out of order', POLLERS, (run) => run.polls[0]!.ids.reverse()],
    ['a message that is not for this poller', POLLERS, (run) => (run.polls[0]!.types = ['b'])],
    ['a 500', ANSWERS, (run) => (run.tries[1]!.status = 500)],
    [
      'a 500 of the build before that came before the disk was full',
      ANSWERS,
      (run) => {
        const asked = run.tries[1]!;
        Object.assign(asked, { status: 500, ms: 400, allowedMs: null });
        run.faults.push(aFault({ kind: 'disk full', from: asked.at + 500, to: asked.at + 10_000 }));
      },
    ],
    ['a 400', ANSWERS, (run) => (run.tries[1]!.status = 400)],
    ['a 503 without Retry-After', ANSWERS, (run) => (run.tries[1]!.retryAfter = false)],
    ['an answer after its time', PUNCTUAL, (run) => (run.tries[1]!.ms = 5_501)],
    ['a request that hangs', PUNCTUAL, (run) => Object.assign(run.tries[2]!, { ms: 5_501, status: 0 })],
    [
      'an answer after its time, though a process stood still meanwhile',
      PUNCTUAL,
      (run) => {
        run.tries[0]!.ms = 8_000;
        run.faults.push(aFault({ froze: true, from: START + 1_000, to: START + 3_000 }));
      },
    ],
    ['health that stays green while a dependency is away', HEALTH, (run) => (run.faults[0]!.mustBeRed = true)],
    ['health that stays red', HEALTH, (run) => (run.faults[0]!.greenMs = null)],
    ['health that is green again too late', HEALTH, (run) => (run.faults[0]!.greenMs = 30_001)],
    ['messages that are not accepted again', HEALTH, (run) => (run.faults[0]!.acceptsMs = null)],
    ['messages that are not delivered again', HEALTH, (run) => (run.faults[0]!.deliversMs = null)],
    ['a process that ended by itself', EXITS, (run) => run.exits.push({ process: 'process 1', at: START, how: 'code 1' })],
  ])('notices %s', (_what, invariant, plant) => {
    expect(broken(plant)).toContain(invariant);
  });

  it.each<[what: string, plant: (records: Records) => void]>([
    ['a message that was not answered, and is there', (run) => Object.assign(run.sent[0]!, { answer: 'none', id: null })],
    [
      'a message that was not answered, and is not there',
      (run) => run.sent.push({ n: 3, app: 'app_1', hash: 'three', batch: false, answer: 'none', id: null }),
    ],
    [
      'an answer that a killed process could not write down',
      (run) => {
        run.attempts.splice(1, 1);
        run.attempts.push({ ...run.attempts[1]!, id: 'atmpt_9' });
        run.receipts.push({ ...run.receipts[1]! });
        run.faults = [aFault({ killed: true, from: START + 3_000, to: START + 4_000 })];
      },
    ],
    [
      'an acceptance that a killed process could not write down, and the next one after the lease',
      (run) => {
        run.receipts.push({ ...run.receipts[0]!, at: START + 40_000 });
        run.attempts[0]!.at = START + 40_000;
        run.faults = [aFault({ killed: true, from: START + 1_500, to: START + 2_000 })];
      },
    ],
    [
      'an acceptance that a killed process could not write down, and the next one by a process with a skewed clock',
      (run) => {
        run.receipts.push({ ...run.receipts[0]!, at: START + 4_000 });
        run.attempts[0]!.at = START + 4_000 - 60_000;
        run.faults = [aFault({ killed: true, skewMs: -60_000, from: START + 1_300, to: START + 14_000 })];
      },
    ],
    [
      'one duplicate with one fault',
      (run) => {
        run.faults = [aFault({ from: START, to: START + 2_000 })];
        acceptedAgain(run, 1_000);
      },
    ],
    [
      'a second acceptance that was asked for',
      (run) => run.resends.push({ msg: 'msg_1', ep: 'ep_1' }) && acceptedAgain(run, 1_000),
    ],
    [
      'an answer that came too late for a process that stood still',
      (run) => {
        run.attempts[0]!.code = 0;
        run.receipts.push({ ...run.receipts[0]!, at: START + 8_000 });
        run.attempts.push({ ...run.attempts[0]!, id: 'atmpt_9', code: 200, at: START + 8_000 });
        run.faults = [aFault({ froze: true, from: START, to: START + 5_000 })];
      },
    ],
    [
      'an acceptance after the time limit of a process with a skewed clock',
      (run) => {
        run.receipts[0]!.at += 5_000;
        Object.assign(run.attempts[0]!, { code: 0, at: run.attempts[0]!.at + 60_000 });
        run.receipts.push({ ...run.receipts[0]!, at: START + 40_000 });
        run.attempts.push({ ...run.attempts[0]!, id: 'atmpt_9', code: 200, at: START + 40_000 });
        run.faults = [aFault({ skewMs: 60_000, from: START, to: START + 14_000 })];
      },
    ],
    [
      'an acceptance after the time limit, and the next one',
      (run) => {
        run.attempts[0]!.code = 0;
        run.receipts[0]!.at += 5_000;
        run.receipts.push({ ...run.receipts[0]!, at: START + 8_000 });
        run.attempts.push({ ...run.attempts[0]!, id: 'atmpt_9', code: 200, at: START + 8_000 });
      },
    ],
    [
      'an acceptance long after the time limit, before a request that was reset and sent again',
      (run) => {
        run.attempts[0]!.code = 0;
        run.receipts[0]!.at += 15_000;
        run.receipts.push({ ...run.receipts[0]!, code: null, at: START + 40_000 });
        run.receipts.push({ ...run.receipts[0]!, at: START + 40_050 });
        run.attempts.push({ ...run.attempts[0]!, id: 'atmpt_9', code: 200, at: START + 40_000 });
      },
    ],
    [
      'an answer of a process that stood still',
      (run) => {
        run.tries[0]!.ms = 8_000;
        run.faults.push(aFault({ froze: true, from: START + 1_000, to: START + 4_000 }));
      },
    ],
    [
      'a 500 of the build before while the disk was full',
      (run) => {
        Object.assign(run.tries[0]!, { status: 500, allowedMs: null });
        run.faults.push(aFault({ kind: 'disk full', from: run.tries[0]!.at - 100, to: run.tries[0]!.at + 100 }));
      },
    ],
    [
      'a 500 of the build before to a request that was under way when the disk got full',
      (run) => {
        const asked = run.tries[0]!;
        Object.assign(asked, { status: 500, ms: 400, allowedMs: null });
        run.faults.push(aFault({ kind: 'disk full', from: asked.at + 300, to: asked.at + 10_000 }));
      },
    ],
    ['a late answer of a build that states no time', (run) => Object.assign(run.tries[0]!, { ms: 9_000, allowedMs: null })],
    [
      'the second request of an attempt that was answered at the end of its time limit',
      (run) => {
        Object.assign(run.receipts[1]!, { code: null });
        Object.assign(run.attempts[1]!, { code: 0, ms: 4_080 });
        run.receipts.push({ ...run.receipts[1]!, code: 500, at: START + 5_900 });
      },
    ],
    [
      'a batch that was repeated while Redis was away',
      (run) => {
        run.sent[1]!.batch = true;
        run.messages.push({ id: 'msg_3', app: 'app_2', n: 2, type: 'a', at: START + 3_000 });
        run.faults = [aFault({ forgot: true, from: START + 2_500, to: START + 5_000 })];
      },
    ],
    ['a request that was reset and sent again at once', (run) => run.receipts.push({ ...run.receipts[1]!, code: null })],
  ])('takes no offence at %s', (_what, plant) => {
    expect(broken(plant)).toEqual([]);
  });
});
