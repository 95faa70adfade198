import type { Lively } from './lively.js';

/** A page: its name, as it is used in names of files and tests, and its path below /portal or /console. */
export interface AnyPage {
  name: string;
  path: (made: Lively) => string;
  /** Who must be signed in to the console. */
  as?: 'organization' | 'operator';
}

/** Every page of the portal, with its tabs, and the windows above pages that an address opens. */
export const PORTAL_PAGES: readonly AnyPage[] = [
  { name: 'overview', path: () => '/' },
  { name: 'endpoints', path: () => '/endpoints' },
  { name: 'new-endpoint', path: () => '/endpoints?new=1' },
  { name: 'endpoint', path: ({ endpoints }) => `/endpoints/${endpoints.failing}` },
  { name: 'endpoint-disabled', path: ({ endpoints }) => `/endpoints/${endpoints.gone}` },
  { name: 'endpoint-attempts', path: ({ endpoints }) => `/endpoints/${endpoints.failing}?tab=attempts` },
  {
    name: 'attempt',
    path: (made) => `/endpoints/${made.endpoints.failing}?tab=attempts&attempt=${made.msgId}~${made.attemptId}`,
  },
  { name: 'endpoint-testing', path: ({ endpoints }) => `/endpoints/${endpoints.good}?tab=testing` },
  { name: 'endpoint-settings', path: ({ endpoints }) => `/endpoints/${endpoints.good}?tab=settings` },
  { name: 'messages', path: () => '/messages' },
  { name: 'message', path: ({ msgId }) => `/messages/${msgId}` },
  { name: 'message-open', path: ({ msgId, attemptId }) => `/messages/${msgId}?payload=1&attempt=${attemptId}` },
  { name: 'event-types', path: () => '/event-types' },
  { name: 'event-type', path: () => '/event-types/invoice.paid' },
  { name: 'verify', path: () => '/verify' },
  { name: 'no-page', path: () => '/nothing' },
];

/** Every page of the console. Those of one application are the portal's. */
export const CONSOLE_PAGES: readonly AnyPage[] = [
  { name: 'health', path: () => '/?range=24h' },
  { name: 'health-operator', path: () => '/?range=24h', as: 'operator' },
  { name: 'search', path: ({ msgId }) => `/search?q=${msgId}` },
  { name: 'applications', path: () => '/applications' },
  { name: 'application', path: ({ appId }) => `/applications/${appId}` },
  { name: 'application-message', path: ({ appId, msgId }) => `/applications/${appId}/messages/${msgId}` },
  { name: 'dead-letters', path: () => '/dead-letters' },
  { name: 'event-types', path: () => '/event-types' },
  { name: 'tasks', path: () => '/tasks' },
  { name: 'operational-webhooks', path: () => '/operational-webhooks' },
  { name: 'keys', path: () => '/keys' },
  { name: 'usage', path: () => '/keys?tab=usage' },
  { name: 'audit', path: () => '/audit' },
  { name: 'processes', path: () => '/processes', as: 'operator' },
  { name: 'processes-refused', path: () => '/processes' },
  { name: 'no-page', path: () => '/nothing' },
];
