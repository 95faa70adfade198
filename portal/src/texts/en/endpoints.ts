import { count, percent } from '../format.js';

export const endpoints = {
  title: 'Endpoints',
  lead: 'URLs of yours that get webhooks.',
  create: 'Add endpoint',
  columns: {
    url: 'Endpoint',
    events: 'Event types',
    health: 'Last 24 hours',
    state: 'State',
    created: 'Created',
    actions: 'Actions',
  },
  allEvents: 'All',
  events: (types: number) => count(types, 'event type', 'event types'),
  states: { enabled: 'Enabled', disabled: 'Disabled', unreadable: 'Unreadable' },
  health: {
    none: 'Nothing sent',
    share: (share: number) => `${percent(share)} delivered`,
    counts: (delivered: number, failed: number) =>
      `${count(delivered, 'attempt', 'attempts')} delivered, ${count(failed, 'attempt', 'attempts')} failed`,
  },
  empty: {
    title: 'No endpoint yet',
    text: 'Add the URL that webhooks are to be sent to. You can send a test event to it at once.',
  },
  enable: 'Enable',
  disable: 'Disable',
  enabled: (url: string) => `${url} is enabled`,
  disabled: (url: string) => `${url} is disabled`,
  actions: (url: string) => `Actions for ${url}`,
  delete: 'Delete',
  deleted: (url: string) => `${url} is deleted`,
  confirmDelete: {
    title: 'Delete this endpoint?',
    text: 'Messages that wait for it will not be sent, and its attempts are no longer shown.',
  },
};
