import { describe, expect, it } from '@jest/globals';
import { formatTask, formatTraces, withTraces, type DeliveryTask } from '../../src/queue/task.js';

const delivery = (name: string) => ({ msgId: `msg_${name}`, endpointId: 'ep_1', run: 0, fence: 0 });
const untraced: DeliveryTask = { appId: 'app_1', deliveries: [delivery('1'), delivery('2'), delivery('3')] };
const [first, second, third] = untraced.deliveries;
const traced: DeliveryTask = { ...untraced, deliveries: [{ ...first!, trace: 'a' }, second!, { ...third!, trace: 'c' }] };

describe('the traces of a task', () => {
  it('come back to the deliveries that they belong to', () => {
    expect(withTraces(untraced, formatTraces(traced)!)).toEqual(traced);
  });

  it('are none where nothing is traced', () => {
    expect(formatTraces(untraced)).toBeNull();
    expect(withTraces(untraced, undefined)).toBe(untraced);
  });

  it('are no part of its text, which every release reads', () => {
    expect(formatTask(traced)).toBe(formatTask(untraced));
  });

  it('that are more or fewer than its deliveries harm nobody', () => {
    expect(withTraces(untraced, 'a').deliveries).toEqual([{ ...first!, trace: 'a' }, second, third]);
    expect(withTraces(untraced, ',,,,d')).toEqual(untraced);
  });
});
