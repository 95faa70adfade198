/** The pages by name, as the navigation has them. */
export const pages = {
  overview: 'Overview',
  endpoints: 'Endpoints',
  messages: 'Messages',
  eventTypes: 'Event types',
  verify: 'Verify',
  health: 'Health',
  search: 'Search',
  applications: 'Applications',
  deadLetters: 'Dead letters',
  tasks: 'Background tasks',
  operationalWebhooks: 'Operational webhooks',
  keys: 'API keys',
  audit: 'Audit log',
  processes: 'Processes',
};
