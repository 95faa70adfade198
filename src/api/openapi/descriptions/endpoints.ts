import type { Descriptions } from '../description.js';

const list = '/api/v1/app/{app_id}/endpoint';
const one = `${list}/{endpoint_id}`;
const tag = 'Endpoint';

export const endpointDescriptions: Descriptions = {
  [`GET ${list}`]: { id: 'v1.endpoint.list', tag, summary: 'List endpoints', answers: { 200: 'ListResponse_EndpointOut_' } },
  [`POST ${list}`]: {
    id: 'v1.endpoint.create',
    tag,
    summary: 'Create an endpoint',
    text: 'Messages go to every enabled endpoint whose event types and channels match. Without a secret one is generated.',
    body: 'EndpointIn',
    answers: { 201: 'EndpointOut' },
  },
  [`GET ${one}`]: { id: 'v1.endpoint.get', tag, summary: 'Get an endpoint', answers: { 200: 'EndpointOut' } },
  [`PUT ${one}`]: {
    id: 'v1.endpoint.update',
    tag,
    summary: 'Replace an endpoint, or create it',
    text:
      'What the body leaves out is reset, but for the uid of an endpoint that the path names by it: that takes an explicit null. ' +
      'The secret and the custom headers stay as they are. An unknown uid in the path becomes the uid of a new endpoint.',
    body: 'EndpointUpdate',
    answers: { 200: 'EndpointOut', 201: 'EndpointOut' },
  },
  [`PATCH ${one}`]: {
    id: 'v1.endpoint.patch',
    tag,
    summary: 'Change some properties of an endpoint',
    body: 'EndpointPatch',
    answers: { 200: 'EndpointOut' },
  },
  [`DELETE ${one}`]: { id: 'v1.endpoint.delete', tag, summary: 'Delete an endpoint' },
  [`GET ${one}/secret`]: {
    id: 'v1.endpoint.get-secret',
    tag,
    summary: "Get an endpoint's signing secret",
    text: 'What a receiver verifies signatures with. Of an asymmetric secret only the public half is shown.',
    answers: { 200: 'EndpointSecretOut' },
  },
  [`POST ${one}/secret/rotate`]: {
    id: 'v1.endpoint.rotate-secret',
    tag,
    summary: "Rotate an endpoint's signing secret",
    text: 'The secret before it goes on signing beside the new one for `gracePeriodSeconds`, a day if not given.',
    body: 'EndpointSecretRotateIn',
  },
  [`GET ${one}/headers`]: {
    id: 'v1.endpoint.get-headers',
    tag,
    summary: "Get an endpoint's custom headers",
    text: 'Of those that look like credentials only the names are shown, in `sensitive`.',
    answers: { 200: 'EndpointHeadersOut' },
  },
  [`PUT ${one}/headers`]: {
    id: 'v1.endpoint.update-headers',
    tag,
    summary: "Replace an endpoint's custom headers",
    text: 'Refused are names that the service sets itself (`content-type`, `webhook-…`), that belong to the connection (`connection`, `expect`, `upgrade` …), or that clouds trust, and values that are no Latin-1 text.',
    body: 'EndpointHeadersIn',
  },
  [`PATCH ${one}/headers`]: {
    id: 'v1.endpoint.patch-headers',
    tag,
    summary: "Set and delete some of an endpoint's custom headers",
    body: 'EndpointHeadersPatchIn',
  },
  [`GET ${one}/stats`]: {
    id: 'v1.endpoint.get-stats',
    tag,
    summary: 'Count the attempts at an endpoint by status',
    text: 'Over at most 28 days; the last 28 if nothing is given.',
    answers: { 200: 'EndpointStats' },
  },
  [`POST ${one}/send-example`]: {
    id: 'v1.endpoint.send-example',
    tag,
    summary: 'Send an example to an endpoint',
    text:
      "Whatever the endpoint filters by. `svix.ping` needs no event type; others send the example of their event type's schema. " +
      'A disabled endpoint gets none: 409, with the code `endpoint_disabled`.',
    body: 'EventExampleIn',
    answers: { 200: 'MessageOut' },
  },
  [`POST ${one}/recover`]: {
    id: 'v1.endpoint.recover',
    tag,
    summary: 'Send again what failed',
    text:
      'In the background: one manual attempt for each message that failed and never succeeded within the span. A disabled endpoint ' +
      'is a 409, with the code `endpoint_disabled`.',
    body: 'RecoverIn',
    answers: { 202: 'RecoverOut' },
  },
  [`POST ${one}/replay-missing`]: {
    id: 'v1.endpoint.replay-missing',
    tag,
    summary: 'Send what the endpoint never got',
    text:
      'In the background: messages of the span that match the endpoint and were never attempted there. A disabled endpoint is a 409, ' +
      'with the code `endpoint_disabled`.',
    body: 'ReplayIn',
    answers: { 202: 'ReplayOut' },
  },
  [`POST ${one}/bulk-replay`]: {
    id: 'v1.endpoint.bulk-replay',
    tag,
    summary: 'Send many messages again',
    text:
      'In the background: all messages of the span that match the filter, delivered or not. A disabled endpoint is a 409, with the ' +
      'code `endpoint_disabled`.',
    body: 'BulkReplayIn',
    answers: { 202: 'ReplayOut' },
  },
};
