import { describe, expect, it } from '@jest/globals';
import type { AppConfig } from '../../src/config/config.js';
import { PostponeDelay } from '../../src/delivery/postpone-delay.js';
import { WaitingLines } from '../../src/delivery/waiting-lines.js';
import { FairnessRig } from './fairness-rig.js';

function aRig() {
  const rig = new FairnessRig(1_024);
  const lines = new WaitingLines(rig.speeds, new PostponeDelay({ delivery: { concurrency: 1_024 } } as AppConfig, rig.speeds));
  const hangs = (endpointId: string) => {
    const request = rig.speeds.requestStarted(endpointId);
    rig.goesBy(600);
    return request;
  };
  return { rig, lines, hangs };
}

const aDelivery = (endpointId: string, n: number) => ({
  orgId: 'org',
  appId: `app of ${endpointId}`,
  msgId: `msg_${n}`,
  endpointId,
  run: 0,
  fence: 0,
  rate: null,
});

describe('deliveries that wait for a permit of their slow endpoint', () => {
  it('are taken in the order in which they came', () => {
    const { lines, hangs } = aRig();
    hangs('ep');
    for (let n = 0; n < 5; n++) lines.add(aDelivery('ep', n));
    // It was postponed once more.
    lines.add(aDelivery('ep', 0));

    expect(lines.take(3, () => true).map(({ msgId }) => msgId)).toEqual(['msg_0', 'msg_1', 'msg_2']);
    expect(lines.size).toBe(2);
  });

  it('let no later one pass, unless the scanner found it', () => {
    const { lines, hangs } = aRig();
    hangs('ep');
    expect(lines.mustWait('ep', 'handoff')).toBe(false);
    lines.add(aDelivery('ep', 0));
    expect([lines.mustWait('ep', 'handoff'), lines.mustWait('ep', 'queue'), lines.mustWait('ep', 'scanner')]).toEqual([
      true,
      true,
      false,
    ]);
    lines.leave(aDelivery('ep', 0));
    expect(lines.mustWait('ep', 'handoff')).toBe(false);
  });

  it('hold nobody up when the endpoint answers again', () => {
    const { rig, lines, hangs } = aRig();
    hangs('ep');
    lines.add(aDelivery('ep', 0));
    rig.hasAnswered('ep', 'ep', 'ep');

    expect(lines.mustWait('ep', 'handoff')).toBe(false);
    expect(lines.take(10, () => true)).toHaveLength(1);
  });

  it('are not remembered for an endpoint that answers', () => {
    const { rig, lines } = aRig();
    rig.hasAnswered('ep');
    lines.add(aDelivery('ep', 0));
    expect(lines.size).toBe(0);
  });

  it('of one endpoint without a permit do not keep those of another back', () => {
    const { lines, hangs } = aRig();
    for (const id of ['full', 'free']) {
      hangs(id);
      lines.add(aDelivery(id, 0));
    }
    expect(lines.take(10, ({ endpointId }) => endpointId === 'free').map(({ endpointId }) => endpointId)).toEqual(['free']);
  });

  it('get their turn however many endpoints stand before theirs', () => {
    const { lines, hangs } = aRig();
    for (let n = 0; n < 500; n++) {
      hangs(`ep_${n}`);
      lines.add(aDelivery(`ep_${n}`, 0));
    }
    const isLast = ({ endpointId }: { endpointId: string }) => endpointId === 'ep_499';
    expect([1, 2, 3].flatMap(() => lines.take(10, isLast))).toHaveLength(1);
  });

  it('take a bounded amount of memory', () => {
    const { lines, hangs } = aRig();
    hangs('ep');
    for (let n = 0; n < 25_000; n++) lines.add(aDelivery('ep', n));
    expect(lines.size).toBe(20_000);
  });
});
