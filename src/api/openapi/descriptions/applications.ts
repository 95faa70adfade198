import type { Descriptions } from '../description.js';

const at = '/api/v1/app';
const tag = 'Application';

export const applicationDescriptions: Descriptions = {
  [`GET ${at}`]: {
    id: 'v1.application.list',
    tag,
    summary: 'List applications',
    answers: { 200: 'ListResponse_ApplicationOut_' },
  },
  [`POST ${at}`]: {
    id: 'v1.application.create',
    tag,
    summary: 'Create an application',
    text: 'An application is one of your customers: it has endpoints, and messages are sent to it.',
    body: 'ApplicationIn',
    answers: { 200: 'ApplicationOut', 201: 'ApplicationOut' },
  },
  [`GET ${at}/{app_id}`]: {
    id: 'v1.application.get',
    tag,
    summary: 'Get an application',
    answers: { 200: 'ApplicationOut' },
  },
  [`PUT ${at}/{app_id}`]: {
    id: 'v1.application.update',
    tag,
    summary: 'Replace an application, or create it',
    text:
      'What the body leaves out is reset, but for the uid of an application that the path names by it: that takes an explicit null. ' +
      'An unknown uid in the path becomes the uid of a new application. So repeating a PUT by uid changes nothing.',
    body: 'ApplicationIn',
    answers: { 200: 'ApplicationOut', 201: 'ApplicationOut' },
  },
  [`PATCH ${at}/{app_id}`]: {
    id: 'v1.application.patch',
    tag,
    summary: 'Change some properties of an application',
    body: 'ApplicationPatch',
    answers: { 200: 'ApplicationOut' },
  },
  [`DELETE ${at}/{app_id}`]: {
    id: 'v1.application.delete',
    tag,
    summary: 'Delete an application',
    text: 'Its endpoints and messages can not be reached any more, and its deliveries under way are dropped. Its uid is free again.',
  },
};
