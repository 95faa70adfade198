import { count, number, percent } from '../format.js';
import { endpointForm } from './endpoint-form.js';
import { endpointPage } from './endpoint-page.js';

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
  filters: {
    search: 'Search',
    searchHint: 'URL, description, id',
    eventType: 'Event type',
    anyEventType: 'Any event type',
    channel: 'Channel',
    anyChannel: 'Any channel',
    state: 'State',
    anyState: 'Any state',
    clear: 'Clear filters',
    found: (found: number, all: number, more: boolean) =>
      `${number(found)} of ${more ? `the first ${number(all)}` : number(all)} ${all === 1 ? 'endpoint' : 'endpoints'}`,
  },
  noMatch: { title: 'No endpoint matches', text: 'Another filter may find it.' },
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
    text: 'It gets no more webhooks, and this cannot be undone. What was sent to it stays in the story of each message.',
  },
  confirmDisable: {
    title: 'Disable this endpoint?',
    text: 'Nothing is sent to it until it is enabled again. What it missed can be sent then, with "Send what is missing".',
  },
  waiting: (waiting: number, more: boolean) =>
    waiting === 0
      ? 'No message waits for it now.'
      : `${more ? 'More than ' : ''}${count(waiting, 'message that waits', 'messages that wait')} for it will not be sent.`,
  waitingUnknown: 'Messages that wait for it will not be sent.',
  form: endpointForm,
  page: endpointPage,
};
