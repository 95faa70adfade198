/** What went wrong, in words. The API's own code and detail are shown below it. */
export const errors = {
  network: { title: 'The server does not answer', text: 'Check your connection, and try again.' },
  timeout: { title: 'The server took too long', text: 'It may be busy. Try again in a moment.' },
  unavailable: { title: 'The server can not do this right now', text: 'It is busy or restarting. Try again in a moment.' },
  tooMany: { title: 'Too many requests', text: 'The limit of requests is reached. Wait a moment.' },
  retryIn: (seconds: number) => `Try again in ${seconds} s.`,
  unauthorized: { title: 'This page is no longer valid', text: 'Its key was not accepted.' },
  forbidden: { title: 'You may not do this', text: 'The key of this page does not allow it.' },
  notFound: { title: 'Not found', text: 'It does not exist, or it was deleted.' },
  conflict: { title: 'This conflicts with something that exists', text: 'Look at the detail below.' },
  invalid: { title: 'Something in it is not valid', text: 'Look at the detail below.' },
  limit: { title: 'A limit is reached', text: 'Look at the detail below.' },
  server: { title: 'The server has failed', text: 'This is a fault of the server. Its log has the reason.' },
  unknown: { title: 'This did not work', text: 'Look at the detail below.' },
};
