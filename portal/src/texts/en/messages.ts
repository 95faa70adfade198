export const messages = {
  title: 'Messages',
  lead: 'What was sent, and what became of it.',
};
