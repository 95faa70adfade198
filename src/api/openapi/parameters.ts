import { taskType } from '../http-support/background-task-out.js';
import { ordering, statusCodeClasses } from '../http-support/list-query.js';
import { messageStatus } from '../http-support/message-status.js';
import { schemaOf, type Json } from './schemas.js';

const string = { type: 'string' };
const boolean = { type: 'boolean' };
const time = { type: 'string', format: 'date-time' };

interface Parameter {
  schema: Json;
  text: string;
}

/** Parts of paths. Where an id is meant, the caller's own uid does as well. */
export const PATH_PARAMETERS: Record<string, string> = {
  app_id: "The application's id or uid.",
  endpoint_id: "The endpoint's id or uid.",
  msg_id: "The message's id, or the eventId it was given.",
  attempt_id: "The attempt's id.",
  event_type_name: "The event type's name.",
  task_id: "The background task's id.",
  sink_id: 'The id or uid of the endpoint whose filters say what comes.',
  consumer_id: 'The name that a consumer reads under.',
  id: 'The id.',
};

/** Query parameters, which mean the same wherever they are. */
export const QUERY_PARAMETERS: Record<string, Parameter> = {
  limit: { schema: { type: 'integer', minimum: 1, maximum: 250 }, text: 'Items a page, from 1 to 250.' },
  iterator: { schema: string, text: 'Where to go on: `iterator` or `prevIterator` of another page.' },
  order: { schema: schemaOf(ordering), text: 'Which end of the list comes first.' },
  before: { schema: time, text: 'Only what is older.' },
  after: { schema: time, text: 'Only what is as old or newer.' },
  since: { schema: time, text: 'From when.' },
  until: { schema: time, text: 'Until when.' },
  channel: { schema: string, text: 'Only what went to this channel.' },
  tag: { schema: string, text: 'Only what has this tag.' },
  endpoint_id: { schema: string, text: 'Only this endpoint, by id or uid.' },
  event_type: { schema: string, text: 'Only this event type.' },
  event_types: {
    schema: { type: 'array', items: string },
    text: 'Only these event types: separated by commas, or the parameter repeated.',
  },
  status: {
    schema: schemaOf(messageStatus),
    text: '0 success, 1 pending, 2 fail, 3 sending, 4 canceled: nothing here ever is, so that its pages are empty.',
  },
  kind: { schema: { type: 'string', enum: ['delivery', 'task'] }, text: 'Only dead letters of this kind.' },
  task: { schema: schemaOf(taskType), text: 'Only this kind of task.' },
  status_code_class: { schema: schemaOf(statusCodeClasses), text: 'The hundreds of the HTTP status; 0: no answer.' },
  with_content: { schema: boolean, text: 'Whether the answer carries payloads and responses.' },
  with_msg: { schema: boolean, text: 'Whether attempts carry their messages.' },
  expanded_statuses: { schema: boolean, text: 'Accepted for the clients that send it.' },
  get_if_exists: { schema: boolean, text: 'Answer with what has this uid already, instead of a conflict.' },
  include_archived: { schema: boolean, text: 'Whether archived ones are listed too.' },
  exclude_apps_with_no_endpoints: { schema: boolean, text: 'Leave out applications that have no endpoint.' },
  exclude_apps_with_disabled_endpoints: { schema: boolean, text: 'Leave out applications all of whose endpoints are disabled.' },
  expunge: { schema: boolean, text: 'Remove it for good, instead of archiving it.' },
};

/** On every POST. */
export const IDEMPOTENCY_KEY: Json = {
  name: 'idempotency-key',
  in: 'header',
  schema: string,
  description:
    'A POST that is repeated with the same key, token and URL is answered like the first one, whatever its body, and does nothing a second time. ' +
    'A key is remembered for 12 hours, one that begins with `auto_` for 10 minutes. Keys of single messages are kept in the database; others are ' +
    'not recognized while the cache is away.',
};
