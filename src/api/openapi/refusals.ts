import { MAX_LEVELS } from '../../domain/json-depth.js';
import { WRONG_SHAPE } from '../http-support/api-error.js';

/** What a request can be refused with, and an answer as an example. */
interface Refusal {
  description: string;
  example: object;
}

/** The answers that are no success, by their status. */
export const REFUSALS: Record<number, Refusal> = {
  400: {
    description: 'The query can not be parsed, or the operation is not possible in the current state',
    example: { code: 'generic_error', detail: 'Query parameter before: Must be a time, like 2026-01-02T03:04:05Z' },
  },
  401: {
    description: 'The token is missing or invalid',
    example: { code: 'authentication_failed', detail: 'Invalid token' },
  },
  403: {
    description:
      'The token does not allow this operation, or there are as many of these as the organisation may have (`limit_reached`)',
    example: { code: 'insufficient access', detail: 'This token does not allow the operation' },
  },
  404: {
    description: 'Not found, or this token has no access to it',
    example: { code: 'not_found', detail: 'Application not found' },
  },
  409: {
    description: 'The name or id is already in use, or the endpoint is disabled or unreadable',
    example: { code: 'conflict', detail: 'The uid belongs to another application' },
  },
  413: {
    description: 'The body is larger than 2 MiB, or a batch is larger than 16 MiB',
    example: { code: 'payload_too_large', detail: 'The body is larger than this server accepts' },
  },
  422: {
    description: `A value in the request is not valid, or the body has more than ${MAX_LEVELS} levels of nesting`,
    example: {
      detail: [{ loc: ['body', 'name'], msg: 'Invalid input: expected string, received number', type: WRONG_SHAPE }],
    },
  },
  429: {
    description: 'More requests than the rate of the organisation or of the token, or more messages than its quota',
    example: {
      code: 'rate_limit',
      detail:
        'The limit is 100 requests a second of this organisation, and 200 at once after a pause. Try again in 1 s. An operator can raise it',
    },
  },
  503: {
    description: 'The service is temporarily unavailable; try again',
    example: { code: 'service_unavailable', detail: 'The database does not answer; try again' },
  },
};
