export const overview = {
  title: 'Overview',
  lead: 'Whether your webhooks arrive.',
};
