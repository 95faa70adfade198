import type { Descriptions } from '../description.js';

const app = '/api/v1/app/{app_id}';
const list = `${app}/msg`;
const one = `${list}/{msg_id}`;
const tag = 'Message';

export const messageDescriptions: Descriptions = {
  [`GET ${list}`]: {
    id: 'v1.message.list',
    tag,
    summary: 'List messages',
    text: 'Newest first, of the last 90 days unless `before` or `after` says otherwise.',
    answers: { 200: 'ListResponse_MessageOut_' },
  },
  [`POST ${list}`]: {
    id: 'v1.message.create',
    tag,
    summary: 'Send a message',
    text:
      'Once this is answered with 202 the message is kept, and its deliveries are promised. The payload goes out byte for byte as ' +
      'it came in. An `eventId` makes sending exact: the same one a second time is a 409. `transformationsParams.rawPayload` is sent ' +
      'instead of the payload, and need not be JSON.',
    body: 'MessageIn',
    answers: { 202: 'MessageOut' },
  },
  [`POST ${list}/batch`]: {
    id: 'v1.message.create-batch',
    tag,
    summary: 'Send many messages',
    text: 'Up to 1,000 in one transaction, answered one by one in their order. Each may be nested as deeply as a body of its own.',
    body: 'MessageBatchIn',
    answers: { 202: 'MessageBatchOut' },
  },
  [`GET ${one}`]: { id: 'v1.message.get', tag, summary: 'Get a message', answers: { 200: 'MessageOut' } },
  [`DELETE ${one}/content`]: {
    id: 'v1.message.expunge-content',
    tag,
    summary: "Delete a message's payload",
    text: 'Retries under way are dropped; the message can not be sent again.',
  },
  [`POST ${list}/precheck/active`]: {
    id: 'v1.message.precheck',
    tag,
    summary: 'Ask whether a message would go to anybody',
    body: 'MessagePrecheckIn',
    answers: { 200: 'MessagePrecheckOut' },
  },
  [`POST ${list}/bulk-expunge`]: {
    id: 'v1.message.bulk-expunge',
    tag,
    summary: 'Delete the payloads of many messages',
    body: 'BulkExpungeIn',
    answers: { 200: 'BulkExpungeOut' },
  },
  [`POST ${list}/expunge-all-contents`]: {
    id: 'v1.message.expunge-all-contents',
    tag,
    summary: 'Delete the payloads of all messages of an application',
    text: 'In the background.',
    answers: { 202: 'ExpungeAllContentsOut' },
  },
};

const attempts = 'Message Attempt';
const attemptList = { 200: 'ListResponse_MessageAttemptOut_' };

export const attemptDescriptions: Descriptions = {
  [`GET ${app}/attempt/endpoint/{endpoint_id}`]: {
    id: 'v1.message-attempt.list-by-endpoint',
    tag: attempts,
    summary: 'List attempts at an endpoint',
    answers: attemptList,
  },
  [`GET ${app}/attempt/msg/{msg_id}`]: {
    id: 'v1.message-attempt.list-by-msg',
    tag: attempts,
    summary: 'List attempts of a message',
    answers: attemptList,
  },
  [`GET ${app}/endpoint/{endpoint_id}/msg`]: {
    id: 'v1.message-attempt.list-attempted-messages',
    tag: attempts,
    summary: 'List messages of an endpoint, and how each stands',
    answers: { 200: 'ListResponse_EndpointMessageOut_' },
  },
  [`GET ${one}/endpoint`]: {
    id: 'v1.message-attempt.list-attempted-destinations',
    tag: attempts,
    summary: 'List endpoints of a message, and how it stands with each',
    answers: { 200: 'ListResponse_MessageEndpointOut_' },
  },
  [`POST ${one}/endpoint/{endpoint_id}/resend`]: {
    id: 'v1.message-attempt.resend',
    tag: attempts,
    summary: 'Send a message to an endpoint again',
    text: 'One manual attempt, beside the automatic ones. A disabled endpoint gets none: 409, with the code `endpoint_disabled`.',
    answers: { 202: 'EmptyResponse' },
  },
  [`GET ${one}/attempt/{attempt_id}`]: {
    id: 'v1.message-attempt.get',
    tag: attempts,
    summary: 'Get an attempt',
    answers: { 200: 'MessageAttemptOut' },
  },
  [`DELETE ${one}/attempt/{attempt_id}/content`]: {
    id: 'v1.message-attempt.expunge-content',
    tag: attempts,
    summary: 'Delete the response that an attempt got',
  },
  [`GET ${one}/attempt`]: {
    id: 'v1.message-attempt.list-by-msg-deprecated',
    tag: attempts,
    summary: 'List attempts of a message (old name)',
    answers: attemptList,
  },
  [`GET ${one}/endpoint/{endpoint_id}/attempt`]: {
    id: 'v1.message-attempt.list-by-endpoint-deprecated',
    tag: attempts,
    summary: 'List attempts of a message at an endpoint (old name)',
    answers: attemptList,
  },
};
