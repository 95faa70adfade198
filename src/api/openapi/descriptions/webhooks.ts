import type { Descriptions } from '../description.js';

const list = '/api/v1/operational-webhook/endpoint';
const one = `${list}/{endpoint_id}`;
const tag = 'Operational Webhook';

export const operationalDescriptions: Descriptions = {
  [`GET ${list}`]: {
    id: 'v1.operational-webhook.endpoint.list',
    tag,
    summary: 'List operational endpoints',
    answers: { 200: 'ListResponse_OperationalWebhookEndpointOut_' },
  },
  [`POST ${list}`]: {
    id: 'v1.operational-webhook.endpoint.create',
    tag,
    summary: 'Create an operational endpoint',
    text: "It hears what happens to your customers' endpoints and messages; what exactly is under Webhooks.",
    body: 'EndpointIn',
    answers: { 201: 'OperationalWebhookEndpointOut' },
  },
  [`GET ${one}`]: {
    id: 'v1.operational-webhook.endpoint.get',
    tag,
    summary: 'Get an operational endpoint',
    answers: { 200: 'OperationalWebhookEndpointOut' },
  },
  [`PUT ${one}`]: {
    id: 'v1.operational-webhook.endpoint.update',
    tag,
    summary: 'Replace an operational endpoint, or create it',
    text:
      'What the body leaves out is reset, but for the uid of an endpoint that the path names by it: that takes an explicit null. ' +
      'The secret and the custom headers stay as they are.',
    body: 'EndpointUpdate',
    answers: { 200: 'OperationalWebhookEndpointOut', 201: 'OperationalWebhookEndpointOut' },
  },
  [`PATCH ${one}`]: {
    id: 'v1.operational-webhook.endpoint.patch',
    tag,
    summary: 'Change some properties of an operational endpoint',
    body: 'EndpointPatch',
    answers: { 200: 'OperationalWebhookEndpointOut' },
  },
  [`DELETE ${one}`]: { id: 'v1.operational-webhook.endpoint.delete', tag, summary: 'Delete an operational endpoint' },
  [`GET ${one}/secret`]: {
    id: 'v1.operational-webhook.endpoint.get-secret',
    tag,
    summary: "Get an operational endpoint's signing secret",
    answers: { 200: 'EndpointSecretOut' },
  },
  [`POST ${one}/secret/rotate`]: {
    id: 'v1.operational-webhook.endpoint.rotate-secret',
    tag,
    summary: "Rotate an operational endpoint's signing secret",
    body: 'EndpointSecretRotateIn',
  },
  [`GET ${one}/headers`]: {
    id: 'v1.operational-webhook.endpoint.get-headers',
    tag,
    summary: "Get an operational endpoint's custom headers",
    answers: { 200: 'EndpointHeadersOut' },
  },
  [`PUT ${one}/headers`]: {
    id: 'v1.operational-webhook.endpoint.update-headers',
    tag,
    summary: "Replace an operational endpoint's custom headers",
    body: 'EndpointHeadersIn',
  },
  [`PATCH ${one}/headers`]: {
    id: 'v1.operational-webhook.endpoint.patch-headers',
    tag,
    summary: "Set and delete some of an operational endpoint's custom headers",
    body: 'EndpointHeadersPatchIn',
  },
};

const poller = '/api/v1/app/{app_id}/poller/{sink_id}';

/** What holds for every poll. */
const STREAM =
  'Messages come in the order of their ids, ten seconds after they were sent, also those for a disabled endpoint and those that are ' +
  'to be delivered later. What is no iterator of a poll is a 400 with the code `invalid_iterator`: begin anew without one.';

export const pollerDescriptions: Descriptions = {
  [`GET ${poller}`]: {
    id: 'v1.message.poller.poll',
    tag: 'Poller',
    summary: 'Fetch what an endpoint would be sent',
    text:
      'For consumers without a public URL, who keep their place themselves: ask again with the `iterator` of the answer. ' +
      STREAM,
    answers: { 200: 'PollingEndpointOut' },
  },
  [`GET ${poller}/consumer/{consumer_id}`]: {
    id: 'v1.message.poller.consumer-poll',
    tag: 'Poller',
    summary: 'Fetch what comes next for a consumer',
    text:
      'Its place is kept here, under the name that it gives itself. Coming back with the `iterator` of a page confirms that page; ' +
      'without one, the page after the last confirmed one is given again. Each message is given at least once. ' +
      STREAM,
    answers: { 200: 'PollingEndpointOut' },
  },
  [`POST ${poller}/consumer/{consumer_id}/seek`]: {
    id: 'v1.message.poller.consumer-seek',
    tag: 'Poller',
    summary: "Set a consumer's place to a time",
    body: 'PollingEndpointConsumerSeekIn',
    answers: { 200: 'PollingEndpointConsumerSeekOut' },
  },
};
