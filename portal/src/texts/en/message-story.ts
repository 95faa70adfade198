import { bytes, count, duration, number } from '../format.js';

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const ENDINGS: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
const nth = (value: number) => `${number(value)}${ENDINGS[ordinals.select(value)] ?? 'th'}`;

const of = (attempt: number, most: number | null) =>
  most === null || attempt > most ? `${nth(attempt)} attempt` : `${nth(attempt)} of ${number(most)} attempts`;

/** The story of a message: every reason in words. */
export const story = {
  label: 'Story of the message',
  accepted: 'Accepted',
  scheduledFor: 'Scheduled for',
  facts: { id: 'message id', eventId: 'event id' },
  size: bytes,
  channels: (names: string) => `channels ${names}`,
  tags: (names: string) => `tags ${names}`,
  payload: {
    name: 'payload',
    show: 'Payload',
    asSent: 'Show as sent',
    formatted: 'Show formatted',
    expired: 'The payload is gone',
    expiredText: 'It was deleted, or the time for which payloads are kept is over. The message can not be sent again.',
    binary: 'Not text: shown in base64',
    type: (type: string) => `content type ${type}`,
  },
  delivered: (attempts: number, after: number) =>
    attempts === 1
      ? `Delivered at the first attempt, after ${duration(after)}`
      : `Delivered at the ${nth(attempts)} attempt, after ${duration(after)}`,
  deliveredOnly: 'Delivered',
  failed: (attempts: number) =>
    attempts === 0 ? 'Not sent' : `Failed after ${count(attempts, 'attempt', 'attempts')}: nothing more is tried`,
  sending: (attempt: number, most: number | null) => `Being sent: ${of(attempt, most)}`,
  waiting: (attempt: number, most: number | null) => `Waiting for the ${of(attempt, most)}`,
  asked: 'Being sent again',
  next: 'Next attempt',
  due: 'due now',
  why: {
    scheduled: 'The message is scheduled, and not sent before this time.',
    throttled: (rate: number) => `The endpoint gets at most ${number(rate)} a second: the message waits for its turn.`,
    disabledWaiting:
      'The endpoint is disabled: the next attempt will not be made. Enable it before then, or send the message again later.',
    queue: 'The message is in the queue.',
    disabled: 'The endpoint is disabled: nothing is sent to it. Enable it, then send the message again.',
    deleted: 'The endpoint was deleted: nothing is sent to it any more.',
    unreadable: 'Nothing can be sent to the endpoint: its secret or its headers can not be opened.',
    expired: 'The payload is gone, so there is nothing to send.',
    filteredType: (type: string) => `The endpoint no longer listens to ${type}.`,
    filteredChannel: 'The endpoint no longer listens to a channel of this message.',
    unsent:
      'It ended without a request. Most often the endpoint was disabled or its event types were changed while the message waited.',
  },
  resend: {
    now: 'Send now',
    again: 'Send again',
    /** For screen readers: which of several buttons. */
    nowTo: (url: string) => `Send now to ${url}`,
    againTo: (url: string) => `Send again to ${url}`,
    asked: (url: string) => `Sending to ${url}`,
    failed: (why: string) => `Not sent: ${why}`,
    expired: 'The payload is gone: there is nothing to send.',
    disabled: 'The endpoint is disabled. Enable it first.',
    deleted: 'The endpoint was deleted.',
  },
  attempts: 'Attempts',
  manual: 'by hand',
  outcome: { success: 'Delivered', fail: 'Failed' },
  moreEndpoints: (shown: number) =>
    `The message goes to more than the ${number(shown)} endpoints that are shown and counted here.`,
  moreAttempts: (shown: number) => `There are more attempts. The latest ${number(shown)} are shown.`,
  request: {
    title: 'Request',
    curl: 'Copy as curl',
    curlThing: 'curl command',
    id: 'attempt id',
    started: 'Started',
    headers: 'request headers',
    headersTitle: 'Headers',
    hidden: '(hidden)',
    rebuilt:
      'Put together from the message and from the headers that the endpoint adds now. The signature of a request is not kept: each attempt has a new one.',
    body: 'request body',
    bodyTitle: 'Body',
    noBody: 'The payload is gone.',
  },
  answer: {
    title: 'Answer',
    none: 'No answer',
    after: 'After',
    body: 'answer body',
    bodyTitle: 'Body',
    start: 'The beginning of the body is kept; headers of answers are not.',
    emptyBody: 'The body is empty.',
  },
  others: {
    title: (endpoints: number) => `Not sent to ${count(endpoints, 'other endpoint', 'other endpoints')}`,
    nowhere: 'Why your endpoints did not get it',
    noEndpoints: 'There is no endpoint. Messages that come before one is there are kept, and can be replayed to it.',
    add: 'Add an endpoint',
    younger: 'It was made after the message.',
    disabled: 'It is disabled.',
    type: (type: string) => `It does not listen to ${type}.`,
    channel: (names: string) => `It listens only to the channels ${names}.`,
    changed: 'It would get it now: it was disabled or had other filters when the message came.',
  },
};
