export const verify = {
  title: 'Verify webhooks',
  lead: 'Code that checks that a webhook comes from us.',
  endpoint: 'Endpoint',
  noEndpoint: {
    title: 'The code below is for any endpoint',
    text: 'Once you have an endpoint, its path and its secret are filled in here.',
    action: 'Add endpoint',
  },
  raw: {
    title: 'Verify the raw body',
    text: 'The signature holds for the bytes as they were received. A body that a framework has parsed and written again has other bytes, and is refused. Turn the parser off for this path.',
  },
  steps: {
    secret: '1. Store the secret of the endpoint',
    library: '2. Add the library',
    code: '3. Check each webhook',
  },
  secret: {
    lead: 'Each endpoint has its own. Keep it out of your code.',
    line: 'environment variable',
    hidden: 'whsec_••••••••••••••••',
    show: 'Show the secret',
    hide: 'Hide the secret',
    publicKey: {
      title: 'This endpoint signs with a public key',
      text: 'Its signatures begin with v1a, (Ed25519). The code below is for secrets that begin with whsec_. Check the signature with a library for Ed25519 over the same text: id, time and body, with points between them.',
    },
  },
  language: 'Language',
  languageTip: 'The language stays in the address of this page.',
  install: 'command that installs it',
  code: (language: string) => `code for ${language}`,
  library: (language: string) => `${language}: the official library`,
  kept: 'It stores the webhook first, then answers 204: after that it never comes again. Do slow work later: an answer that takes too long counts as failed.',
  headers: {
    title: 'What each webhook carries',
    name: 'Header',
    meaning: 'Meaning',
    id: 'The id of the message. It is the same when a webhook comes again: handle it once.',
    timestamp: 'When it was sent, in seconds since 1970. The libraries refuse more than five minutes of difference.',
    signature:
      'One signature for each secret that is valid, with spaces between them. One that fits is enough, also while a secret is rotated.',
    url: 'They are sent with POST to',
  },
  byHand: {
    title: 'Without a library',
    text: 'The signed text is the id, the time and the body, with points between them. The key of the HMAC with SHA-256 is what follows whsec_, decoded from base64. Compare in constant time.',
    language: 'Without a library (Node.js)',
  },
};
