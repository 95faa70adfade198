import { describe, expect, it } from '@jest/globals';
import { matches, mismatch, type Filter } from '../../src/domain/matching.js';

const open: Filter = { disabled: false, eventTypes: null, channels: null };
const message = { eventType: 'invoice.paid', channels: ['eu', 'us'] };
const bare = { eventType: 'invoice.paid', channels: null };

const LONG_LIST = Array.from({ length: 100 }, (_, n) => `type-${n}`);

describe('an endpoint', () => {
  it.each([
    ['without filters gets everything', open, message, null],
    ['without channels gets a message without channels', open, bare, null],
    ['that is disabled gets nothing', { ...open, disabled: true }, message, 'endpoint disabled'],
    ['gets a type on its list', { ...open, eventTypes: ['a', 'invoice.paid'] }, message, null],
    ['gets no type that is not on its list', { ...open, eventTypes: ['invoice.sent'] }, message, 'event type filtered out'],
    ['does not take a type for a prefix', { ...open, eventTypes: ['invoice', 'invoice.*'] }, message, 'event type filtered out'],
    ['tells capitals apart', { ...open, eventTypes: ['Invoice.Paid'] }, message, 'event type filtered out'],
    ['gets a message that shares one channel', { ...open, channels: ['asia', 'us'] }, message, null],
    ['gets no message of other channels', { ...open, channels: ['asia'] }, message, 'channel filtered out'],
    ['with channels gets no message without', { ...open, channels: ['eu'] }, bare, 'channel filtered out'],
    ['with channels gets no message with none', { ...open, channels: ['eu'] }, { ...bare, channels: [] }, 'channel filtered out'],
    [
      'needs both filters to pass',
      { ...open, eventTypes: ['invoice.paid'], channels: ['asia'] },
      message,
      'channel filtered out',
    ],
    ['gets a type on a long list', { ...open, eventTypes: [...LONG_LIST, 'invoice.paid'] }, message, null],
    ['gets no type that is not on a long list', { ...open, eventTypes: LONG_LIST }, message, 'event type filtered out'],
    ['names the first reason', { disabled: true, eventTypes: [], channels: [] }, message, 'endpoint disabled'],
  ])('%s', (_, endpoint, sent, reason) => {
    expect(mismatch(endpoint, sent)).toBe(reason);
    expect(matches(endpoint, sent)).toBe(reason === null);
  });
});
