import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { DELIVERIES_PER_TASK, formatTask, parseTask, type DeliveryTask, type TaskDelivery } from '../../src/queue/task.js';

const APP = 'app_2YBXZIko2xmy0s5Rm9N5U7PhHgu';
const MSG = 'msg_2YBXZIko2xmy0s5Rm9N5U7PhHgu';
const EP = 'ep_2YBXZIko2xmy0s5Rm9N5U7PhHgu';

const delivery: TaskDelivery = { msgId: MSG, endpointId: EP, run: 0, fence: 3 };

function aText(changes: object): string {
  return JSON.stringify({ v: 1, app: APP, d: [[MSG, EP, 3]], ...changes });
}

describe('the format of a task', () => {
  it('is an object of ids, in which a run of 0 is left out', () => {
    const task: DeliveryTask = { appId: APP, deliveries: [delivery, { ...delivery, run: 2 }] };
    expect(formatTask(task)).toBe(`{"v":1,"app":"${APP}","d":[["${MSG}","${EP}",3],["${MSG}","${EP}",3,2]]}`);
    expect(parseTask(formatTask(task))).toEqual({ kind: 'task', task });
  });

  it('stays small with the longest ids and numbers', () => {
    const long = { msgId: `msg_${'x'.repeat(36)}`, endpointId: `ep_${'x'.repeat(37)}`, run: 2 ** 31 - 1, fence: 2 ** 31 - 1 };
    const task = { appId: `app_${'x'.repeat(36)}`, deliveries: Array.from({ length: DELIVERIES_PER_TASK }, () => long) };
    expect(formatTask(task).length).toBeLessThan(2_000);
    expect(parseTask(formatTask(task))).toEqual({ kind: 'task', task });
  });

  it('may be added to by a later release', () => {
    const text = JSON.stringify({ later: {}, ...JSON.parse(aText({ d: [[MSG, EP, 3, 0, 'later']] })) });
    expect(parseTask(text)).toEqual({ kind: 'task', task: { appId: APP, deliveries: [delivery] } });
  });

  it.each([2, 3, 2_147_483_647])('knows version %d as a newer one, whatever else is in it', (version) => {
    expect(parseTask(JSON.stringify({ v: version, app: 7 }))).toEqual({ kind: 'newer', version });
  });

  it.each([
    ['', 'not a JSON object'],
    ['hello', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['[1]', 'not a JSON object'],
    ['"{}"', 'not a JSON object'],
    ['{}', 'v is not a version'],
    [aText({ v: 0 }), 'v is not a version'],
    [aText({ v: -1 }), 'v is not a version'],
    [aText({ v: '1' }), 'v is not a version'],
    [aText({ v: 1.5 }), 'v is not a version'],
    [aText({ v: 1e300 }), 'v is not a version'],
    [aText({ app: undefined }), 'app is not an application id'],
    [aText({ app: MSG }), 'app is not an application id'],
    [aText({ app: 'app_' }), 'app is not an application id'],
    [aText({ app: 'app_a b' }), 'app is not an application id'],
    [aText({ app: 'app_a\n' }), 'app is not an application id'],
    [aText({ app: `app_${'x'.repeat(37)}` }), 'app is not an application id'],
    [aText({ app: [APP] }), 'app is not an application id'],
    [aText({ d: undefined }), 'd is not a list of 1 to 10 deliveries'],
    [aText({ d: [] }), 'd is not a list of 1 to 10 deliveries'],
    [aText({ d: { 0: [MSG, EP, 3], length: 1 } }), 'd is not a list of 1 to 10 deliveries'],
    [aText({ d: Array.from({ length: 11 }, () => [MSG, EP, 3]) }), 'd is not a list of 1 to 10 deliveries'],
    [aText({ d: [[MSG, EP, 3], null] }), 'delivery 1 of d: not a list'],
    [aText({ d: [[]] }), 'delivery 0 of d: no message id'],
    [aText({ d: [[EP, EP, 3]] }), 'delivery 0 of d: no message id'],
    [aText({ d: [[MSG, MSG, 3]] }), 'delivery 0 of d: no endpoint id'],
    [aText({ d: [[MSG, EP]] }), 'delivery 0 of d: no fence'],
    [aText({ d: [[MSG, EP, -1]] }), 'delivery 0 of d: no fence'],
    [aText({ d: [[MSG, EP, 1.5]] }), 'delivery 0 of d: no fence'],
    [aText({ d: [[MSG, EP, 2 ** 31]] }), 'delivery 0 of d: no fence'],
    [aText({ d: [[MSG, EP, 3, null]] }), 'delivery 0 of d: run is not a count'],
    [aText({ d: [[MSG, EP, 3, '0']] }), 'delivery 0 of d: run is not a count'],
  ])('does not take %j: %s', (text, reason) => {
    expect(parseTask(text)).toEqual({ kind: 'broken', reason });
  });

  it('never throws, whatever comes', () => {
    const sound = aText({});
    for (let n = 0; n < 20_000; n += 1) {
      expect(parseTask(randomBytes(n % 60).toString('latin1')).kind).toBe('broken');
      const at = n % sound.length;
      const damaged = sound.slice(0, at) + String.fromCharCode(randomBytes(1)[0]!) + sound.slice(at + 1);
      expect(['task', 'newer', 'broken']).toContain(parseTask(damaged).kind);
    }
    expect(parseTask('['.repeat(500_000)).kind).toBe('broken');
  });
});
