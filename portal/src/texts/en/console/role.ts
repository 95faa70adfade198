/** What is told to somebody whose key is of the wrong kind for a page. */
export const role = {
  needsOperator: {
    title: 'This needs an operator key',
    text: 'It crosses organisations. Sign in with an operator key to see it.',
  },
  needsOrganization: {
    title: 'This needs the key of an organisation',
    text: 'An operator key shows only what crosses organisations. Sign in with a token or an API key of the organisation.',
  },
  signIn: 'Sign in with another key',
};
