export const verify = {
  title: 'Verify webhooks',
  short: 'Verify',
  lead: 'Code that checks that a webhook comes from us.',
};
