import { count, number } from '../../format.js';

const kinds: Record<string, string> = {
  'endpoint.recover': 'Recover an endpoint',
  'endpoint.replay': 'Replay what is missing',
  'endpoint.bulk-replay': 'Replay many messages',
  'application.purge_content': 'Remove payloads',
  'application.stats': 'Count messages by application',
  'event-type.aggregate': 'List used event types',
};

export const tasks = {
  title: 'Background tasks',
  lead: 'Long work, and how far it is.',
  status: 'State',
  kind: 'Task',
  any: 'All',
  kinds,
  states: { running: 'Running', finished: 'Finished', failed: 'Failed' },
  columns: { task: 'Task', state: 'State', progress: 'So far', changed: 'Last step', id: 'Id' },
  progress: {
    sent: (messages: number) => `${count(messages, 'message', 'messages')} sent`,
    purged: (messages: number) => `${count(messages, 'payload', 'payloads')} removed`,
    types: (types: number) => count(types, 'event type', 'event types'),
    applications: (applications: number) => count(applications, 'application', 'applications'),
    none: 'Nothing yet',
    other: (keys: number) => `${number(keys)} values`,
  },
  failed: 'The task can not go on',
  result: 'Progress or result',
  details: 'Background task',
  idThing: 'the id of the task',
  empty: {
    title: 'No background tasks',
    text: 'Recovering an endpoint, replaying messages and counting run here. Start one on the page of an endpoint.',
  },
  nothing: { title: 'No task is like this', text: 'Choose another state or another kind.' },
};
