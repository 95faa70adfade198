import { duration } from '../format.js';

/** Why an attempt failed. `word` is short; `text` says what happened, `help` what to do. */
export const reasons = {
  dns: {
    word: 'DNS',
    text: 'The name of the host was not found.',
    help: 'Check the spelling of the URL and the DNS record.',
  },
  timeout: {
    word: 'time-out',
    text: (ms: number, step: 'lookup' | 'connect' | 'tls' | 'answer') =>
      ({
        lookup: `The name of the host was not resolved within ${duration(ms)}.`,
        connect: `No connection within ${duration(ms)}.`,
        tls: `The TLS handshake did not end within ${duration(ms)}.`,
        answer: `No answer within ${duration(ms)}.`,
      })[step],
    help: 'Answer at once, and do the work afterwards. Check that a firewall lets the request in.',
  },
  tls: {
    word: 'TLS',
    text: 'No secure connection: the certificate was not accepted, or there is none.',
    help: 'Check that the certificate is valid, has the name of the host, and is sent with its chain.',
  },
  refused: {
    word: 'refused',
    text: 'The connection was refused: nothing listens at this address and port.',
    help: 'Check that your server runs, and the port in the URL.',
  },
  closed: {
    word: 'closed',
    text: 'The connection was closed before any answer.',
    help: 'Your server or a proxy before it has ended the connection. Look into its log.',
  },
  unreachable: {
    word: 'no route',
    text: 'There is no way to the address.',
    help: 'Check the address that the name of the host leads to.',
  },
  unreadable: {
    word: 'no HTTP',
    text: 'The answer is not valid HTTP.',
    help: 'Check that the port speaks HTTP, and https where the URL says so.',
  },
  blocked: {
    word: 'blocked',
    text: 'The address or port may not be reached from here.',
    help: 'Use a public address and a usual port.',
  },
  proxy: {
    word: 'proxy',
    text: 'The request did not leave: the proxy on the way out failed.',
    help: 'This is not a fault of the endpoint.',
  },
  unsent: {
    word: 'not sent',
    text: 'Nothing was sent: the secret or the headers of the endpoint can not be opened.',
    help: 'Rotate the secret of the endpoint.',
  },
  none: { word: 'no answer', text: 'There was no answer.', help: 'The words below are what is known.' },
  redirect: { text: 'The endpoint redirects. Redirects are not followed.', help: 'Change the URL to where it leads.' },
  bad: {
    text: 'The endpoint did not accept the request.',
    help: 'Its answer may say why. Receivers often answer 400 when the signature does not fit: compare the secret, and verify the bytes of the body as they came.',
  },
  credentials: {
    text: 'The endpoint wants other credentials.',
    help: 'Check the headers of the endpoint, and that the signature is verified with its present secret.',
  },
  absent: { text: 'The endpoint knows nothing at this path.', help: 'Check the path of the URL.' },
  method: { text: 'The endpoint does not take POST requests here.', help: 'Check the path of the URL.' },
  gone: {
    text: 'The endpoint said that it is gone, which disables it.',
    help: 'If the endpoint is not gone, let it answer with 2xx, and enable it.',
  },
  large: { text: 'The payload is too large for the endpoint.', help: 'Raise the limit of your server.' },
  many: { text: 'The endpoint gets more than it wants.', help: 'Set a rate for the endpoint, or a lower one.' },
  client: { text: 'The endpoint did not accept the request.', help: 'Its answer may say why.' },
  server: { text: 'The server of the endpoint had an error.', help: 'Look into its log at the time of the attempt.' },
  gateway: { text: 'A proxy before the endpoint had no answer from it.', help: 'Check that your server runs behind it.' },
  other: { text: 'Only an answer of 200 to 299 counts as delivered.', help: 'Answer 204, say, once the message is stored.' },
};
