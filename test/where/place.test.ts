import { describe, expect, it } from '@jest/globals';
import { DeliveryState, type Delivery } from '../../src/database/entities/delivery.entity.js';
import type { StoryAttempt, StoryEndpoint, StoryMessage } from '../../src/database/repositories/message-story.repository.js';
import { newId } from '../../src/domain/ids.js';
import { standingOf, whyNot } from '../../src/where/place.js';

const NOW = Date.UTC(2026, 10, 28, 12);
const after = (seconds: number) => new Date(NOW + seconds * 1_000);

const message: StoryMessage = {
  appId: 'app_1',
  id: newId('msg_', NOW - 60_000),
  eventType: 'order.paid',
  eventId: null,
  channels: null,
  payloadUntil: after(1_000_000),
  tags: null,
  deliverAt: null,
  contentType: null,
  hasPayload: true,
};

function delivery(overrides: Partial<Delivery>): Delivery {
  const fresh = {
    state: DeliveryState.waiting,
    attempts: 0,
    fence: 0,
    owner: null,
    dueAt: after(20),
    paced: false,
    reason: null,
  };
  return { msgId: message.id, endpointId: 'ep_1', appId: 'app_1', run: 0, ...fresh, ...overrides };
}

const attempt = (overrides: Partial<StoryAttempt>): StoryAttempt => ({
  id: newId('atmpt_'),
  endpointId: 'ep_1',
  status: 0,
  triggerType: 0,
  statusCode: 200,
  durationMs: 1,
  response: '',
  ...overrides,
});

const { sending, delivered, failed } = DeliveryState;

describe('where a delivery is', () => {
  it.each<[string, Partial<Delivery>, string, string]>([
    ['just accepted', {}, 'waiting', 'no worker has claimed it yet: a scanner takes it from 2026-11-28T12:00:20.000Z on'],
    ['due', { dueAt: after(-5) }, 'waiting', 'due since 2026-11-28T11:59:55.000Z: it waits for a worker'],
    ['given back', { fence: 1, dueAt: after(1) }, 'waiting', 'it was claimed before, or postponed'],
    ['under a rate', { paced: true }, 'throttled', "the endpoint's rate allows it at 2026-11-28T12:00:20.000Z"],
    ['under a rate and due', { paced: true, dueAt: after(-1) }, 'throttled', "the endpoint's rate allows it now"],
    ['failed twice', { attempts: 2, fence: 2, dueAt: after(300) }, 'retry', 'attempt 3 is planned for 2026-11-28T12:05:00.000Z'],
    ['failed twice and due', { attempts: 2, fence: 2, dueAt: after(-1) }, 'retry', 'attempt 3 is due since'],
    ['with a worker', { state: sending, fence: 1 }, 'claimed', 'the lease ends at 2026-11-28T12:00:20.000Z'],
    ['with a lost worker', { state: sending, fence: 1, dueAt: after(-1) }, 'claimed', 'its worker was lost: the lease ended at'],
    ['delivered', { state: delivered, attempts: 1, fence: 1, dueAt: null }, 'delivered', 'answered 200'],
    ['out of retries', { state: failed, reason: 'retries exhausted', dueAt: null }, 'failed', 'given up: retries exhausted'],
    [
      'fatal',
      { state: failed, reason: 'worker lost', fence: 6, dueAt: null },
      'dead letter',
      'given up: 5 claims in a row ended without an outcome',
    ],
    ...['endpoint disabled', 'endpoint gone', 'event type filtered out', 'channel filtered out', 'message expunged'].map(
      (reason): [string, Partial<Delivery>, string, string] => [
        reason,
        { state: failed, reason, dueAt: null },
        'dropped',
        'ended without a request: ',
      ],
    ),
  ])('%s', (_, given, place, text) => {
    const attempts = given.state === delivered ? [attempt({})] : [];

    expect(standingOf(delivery(given), message, attempts, NOW)).toEqual({ place, text: expect.stringContaining(text) });
  });

  it('is its planned time, where it is for later', () => {
    const planned = { ...message, deliverAt: after(600) };

    expect(standingOf(delivery({ dueAt: after(600) }), planned, [], NOW).place).toBe('scheduled');
    expect(standingOf(delivery({ dueAt: after(600), fence: 2, attempts: 1 }), planned, [], NOW).place).toBe('retry');
    expect(standingOf(delivery({ dueAt: after(20), run: 7 }), planned, [], NOW).place).toBe('waiting');
  });

  it('says when a manual attempt delivered what the automatic ones did not', () => {
    const attempts = [attempt({ status: 2, statusCode: 500 }), attempt({ triggerType: 1 })];
    const settled = { state: delivered, attempts: 1, dueAt: null };

    expect(standingOf(delivery(settled), message, attempts, NOW).text).toContain('a manual attempt delivered it');
    expect(standingOf(delivery({ ...settled, run: 7 }), message, attempts, NOW).text).toBe('answered 200');
  });

  it('names no status code where it could be the one of another manual attempt', () => {
    const attempts = [200, 204].map((statusCode) => attempt({ triggerType: 1, statusCode }));
    const settled = delivery({ state: delivered, attempts: 1, dueAt: null, run: 7 });

    expect(standingOf(settled, message, attempts, NOW).text).toBe('answered with a 2xx');
  });
});

describe('why an endpoint has no delivery', () => {
  const before = new Date(NOW - 3_600_000);
  const endpoint = (overrides: Partial<StoryEndpoint>): StoryEndpoint => ({
    id: newId('ep_', before.getTime()),
    uid: null,
    url: 'https://example.com/hook',
    throttleRate: null,
    disabled: false,
    eventTypes: null,
    channels: null,
    deleted: false,
    updatedAt: before,
    ...overrides,
  });
  const changed = { updatedAt: after(-5) };

  it.each<[string, Partial<StoryEndpoint>, string]>([
    ['it is younger', { id: newId('ep_', NOW) }, 'created later, at 2026-11-28T12:00:00.000Z'],
    ['it was deleted before', { deleted: true }, 'deleted before, at 2026-11-28T11:00:00.000Z'],
    ['it was deleted since', { deleted: true, ...changed }, 'deleted since, at 2026-11-28T11:59:55.000Z'],
    ['it is disabled', { disabled: true }, 'disabled'],
    ['its event types', { eventTypes: ['a', 'b'] }, 'filtered out by event type: it takes a, b, and this is order.paid'],
    ['its channels', { channels: ['x'] }, 'filtered out by channel: it takes x, and the message has none'],
    ['its filter, which is newer', { eventTypes: ['a'], ...changed }, '(by its settings of 2026-11-28T11:59:55.000Z'],
    ['it matches only now', changed, 'it would match now, but was changed at 2026-11-28T11:59:55.000Z, after the message'],
    ['nothing that can be told', {}, 'it matches: look for the line of the request in the log'],
  ])('%s', (_, given, text) => {
    expect(whyNot(endpoint(given), message, false)).toContain(text);
  });

  it('the message was for another one alone', () => {
    expect(whyNot(endpoint({}), message, true)).toBe('the message was made for one endpoint alone');
  });
});
