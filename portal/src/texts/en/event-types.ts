export const eventTypes = {
  title: 'Event types',
  lead: 'What webhooks can tell you.',
};
