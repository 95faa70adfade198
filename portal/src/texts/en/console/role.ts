/** What is told to somebody whose key is of the wrong kind for a page. */
export const role = {
  needsOperator: {
    title: 'This needs the token of an operator',
    text: 'It crosses organisations. “npm run -s token -- --operator” prints one on a laptop, “DATA_DIR=.data/demo npm run -s token -- --operator” for the demo beside “npm start”, and “node dist/cli.js token --operator” one in a container. Sign in with it.',
  },
  needsOrganization: {
    title: 'This needs the key of an organisation',
    text: 'The token of an operator shows only what crosses organisations. Sign in with a token or an API key of the organisation.',
  },
  signIn: 'Sign in with another token',
};
