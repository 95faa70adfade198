import { count, number } from '../format.js';
import { story } from './message-story.js';

const hours = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const days = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });

/** 14:02 if it is of today, else Nov 29. */
export const hourOrDay = (at: Date, now: Date): string => (at.toDateString() === now.toDateString() ? hours : days).format(at);

export const messages = {
  title: 'Messages',
  lead: 'What was sent, and what became of it.',
  story,
  one: 'Message',
  columns: { type: 'Event type', state: 'State', id: 'Message', eventId: 'Event id', time: 'Accepted' },
  find: {
    label: 'Message id or event id',
    placeholder: 'msg_… or your event id',
    action: 'Open',
    empty: 'Paste an id first',
    dots: 'No message can have this id',
    attempt: 'This is the id of an attempt. Paste the id of its message, which begins with msg_.',
    endpoint: 'This is the id of an endpoint. Choose it in the filter below.',
  },
  filters: {
    title: 'Filters',
    more: (set: number) => (set === 0 ? 'Filters' : `Filters (${number(set)})`),
    clear: 'Clear filters',
    eventType: 'Event type',
    endpoint: 'Endpoint',
    allEndpoints: 'All endpoints',
    state: 'State',
    anyState: 'Any state',
    states: { delivered: 'Delivered', failed: 'Failed', waiting: 'Waiting' },
    stateNeeds: 'Choose an endpoint to filter by state: there are too many to ask all of them.',
    stateUnknown: 'The endpoints could not be read, so the list can not be filtered by state now.',
    attemptedOnly: 'An endpoint lists a message once the first attempt has ended.',
    channel: 'Channel',
    tag: 'Tag',
    time: 'Time',
    times: { any: 'Last 90 days', '1h': 'Last hour', '24h': 'Last 24 hours', '7d': 'Last 7 days', range: 'From … to …' },
    from: 'From',
    to: 'To',
    zone: (zone: string) => `In your time zone, ${zone}.`,
  },
  empty: {
    title: 'No message in the last 90 days',
    text: 'Each event that is sent to you is listed here, with what became of it at each of your endpoints.',
    filtered: 'No message fits these filters',
    filteredText: 'Take a filter away, or look at another time.',
    searched: 'None found yet',
    searchedText: 'The newest 5,000 messages were searched, and there are older ones.',
    searchOn: 'Search on',
  },
  state: {
    none: 'No endpoint',
    unknown: 'Not known',
    all: (endpoints: number) => (endpoints === 1 ? 'Delivered' : `Delivered to all ${number(endpoints)}`),
    /** Of a message to more endpoints than are counted. */
    many: (endpoints: number) => `Delivered to ${number(endpoints)} or more`,
    failed: (failed: number, endpoints: number) =>
      endpoints === 1 ? 'Failed' : `Failed at ${number(failed)} of ${number(endpoints)}`,
    waiting: (waiting: number, endpoints: number) =>
      endpoints === 1 ? 'Waiting' : `Waiting at ${number(waiting)} of ${number(endpoints)}`,
    scheduled: 'Scheduled',
    more: (waiting: number) => `, ${number(waiting)} waiting`,
  },
  notFound: {
    title: 'This message is not here',
    text: 'No message of this application has this id or event id. It may be of another application, or it was deleted.',
    action: 'All messages',
  },
  summary: {
    nowhere: 'No endpoint was to get it: nothing was sent',
    delivered: (endpoints: number) =>
      endpoints === 1
        ? 'Delivered'
        : endpoints === 2
          ? 'Delivered to both endpoints'
          : `Delivered to all ${number(endpoints)} endpoints`,
    more: (waiting: number) => `, and not yet to ${number(waiting)} more`,
    failed: (failed: number, endpoints: number) =>
      endpoints === 1
        ? 'Not delivered'
        : failed === endpoints
          ? `Not delivered to any of ${number(endpoints)} endpoints`
          : `Not delivered to ${number(failed)} of ${count(endpoints, 'endpoint', 'endpoints')}`,
    waiting: (waiting: number, endpoints: number) =>
      waiting === endpoints
        ? 'Not delivered yet'
        : `Not delivered yet to ${number(waiting)} of ${count(endpoints, 'endpoint', 'endpoints')}`,
    reasons: (words: readonly string[]) => `Last answers: ${words.join(', ')}.`,
  },
};
