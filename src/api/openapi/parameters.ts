import { taskType } from '../http-support/background-task-out.js';
import { HEADER_LIMIT_BYTES } from '../http-support/bounded.js';
import { MAX_EVENT_TYPES, ordering, statusCodeClasses } from '../http-support/list-query.js';
import { messageStatus } from '../http-support/message-status.js';
import { schemaOf, type Json } from './schemas.js';

const MAX_NAME_LENGTH = 256;
const string = { type: 'string' };
const boolean = { type: 'boolean' };
const time = { type: 'string', format: 'date-time' };

interface Parameter {
  schema: Json;
  text: string;
}

/** Parameters of paths. Where an id is expected, the caller's own uid is accepted too. */
export const PATH_PARAMETERS: Record<string, string> = {
  app_id: "The application's id or uid.",
  endpoint_id: "The endpoint's id or uid.",
  msg_id: "The message's id or eventId.",
  attempt_id: "The attempt's id.",
  event_type_name: "The event type's name.",
  task_id: "The background task's id.",
  key_id: "The API key's id.",
  sink_id: 'The id or uid of the endpoint whose messages are polled.',
  consumer_id: "The consumer's name, chosen by itself.",
  id: 'The id of the dead letter.',
  org_id: "The organisation's id.",
};

/** Query parameters. They mean the same in every operation. */
export const QUERY_PARAMETERS: Record<string, Parameter> = {
  limit: { schema: { type: 'integer', minimum: 1, maximum: 250 }, text: 'Items per page, from 1 to 250.' },
  iterator: {
    schema: { ...string, maxLength: MAX_NAME_LENGTH },
    text: 'Where the page begins: `iterator` or `prevIterator` of another page.',
  },
  order: { schema: schemaOf(ordering), text: 'The order of the list.' },
  before: { schema: time, text: 'Only items before this time.' },
  after: { schema: time, text: 'Only items at or after this time.' },
  since: { schema: time, text: 'Start of the time range.' },
  until: { schema: time, text: 'End of the time range.' },
  channel: { schema: string, text: 'Only messages of this channel.' },
  tag: { schema: string, text: 'Only messages with this tag.' },
  endpoint_id: { schema: string, text: 'Only this endpoint, by id or uid.' },
  event_type: { schema: string, text: 'Only this event type.' },
  event_types: {
    schema: { type: 'array', maxItems: MAX_EVENT_TYPES, items: { ...string, maxLength: MAX_NAME_LENGTH } },
    text: 'Only these event types: separated by commas, or the parameter repeated.',
  },
  status: {
    schema: schemaOf(messageStatus),
    text: '0 success, 1 pending, 2 fail, 3 sending, 4 canceled. This server never cancels messages, so pages of canceled ones are empty.',
  },
  kind: { schema: { type: 'string', enum: ['delivery', 'task'] }, text: 'Only dead letters of this kind.' },
  key_id: { schema: { ...string, maxLength: MAX_NAME_LENGTH }, text: 'Only the key with this id: that of a token.' },
  task: { schema: schemaOf(taskType), text: 'Only this kind of task.' },
  status_code_class: {
    schema: schemaOf(statusCodeClasses),
    text: 'The class of the HTTP status, such as 400 for 4xx; 0 for attempts without an answer.',
  },
  app_id: { schema: string, text: 'Only this application, by id or uid.' },
  operation: { schema: string, text: 'Only this operation, such as `v1.endpoint.patch`.' },
  token_id: { schema: string, text: 'Only changes made with this token, by its id.' },
  org_id: {
    schema: string,
    text: 'For operators: only this organisation. In the audit log `operator` stands for what belongs to none.',
  },
  q: {
    schema: { ...string, minLength: 1, maxLength: MAX_NAME_LENGTH },
    text: 'What is searched: an id, a uid, or the beginning of a name.',
  },
  with_content: { schema: boolean, text: 'Whether the answer contains payloads and responses.' },
  include_waiting: {
    schema: boolean,
    text:
      'Whether endpoints without an attempt are listed too: `pending` if the first attempt is still to come, `fail` if the ' +
      'delivery ended without one.',
  },
  with_msg: { schema: boolean, text: 'Whether each attempt contains its message.' },
  expanded_statuses: { schema: boolean, text: 'Accepted for clients that send it; it changes nothing.' },
  get_if_exists: { schema: boolean, text: 'If the uid is already in use, answer with that application instead of a conflict.' },
  include_archived: { schema: boolean, text: 'Whether archived event types are listed too.' },
  exclude_apps_with_no_endpoints: { schema: boolean, text: 'Leave out applications that have no endpoint.' },
  exclude_apps_with_disabled_endpoints: { schema: boolean, text: 'Leave out applications all of whose endpoints are disabled.' },
  expunge: { schema: boolean, text: 'Delete the event type instead of archiving it.' },
};

/** The header that every POST accepts. */
export const IDEMPOTENCY_KEY: Json = {
  name: 'idempotency-key',
  in: 'header',
  schema: { ...string, maxLength: HEADER_LIMIT_BYTES },
  description:
    'A POST that is repeated with the same key, token and URL gets the answer of the first one, whatever its body, and has no second ' +
    'effect. A key is remembered for 12 hours, one that begins with `auto_` for 10 minutes. Keys of single messages are stored in the ' +
    'database; other keys are not recognized while the cache is unavailable.',
};
