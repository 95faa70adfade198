export const search = {
  title: 'Search',
  lead: 'Where is it? Paste an id from a log, a uid, or type the beginning of a name.',
  field: 'Id, uid or name',
  hint: 'msg_… finds a message, ep_… an endpoint, app_… an application. Everything else finds applications by uid or name. An event id finds its message on the messages page of the application.',
  action: 'Search',
  result: (found: number) => (found === 0 ? 'Nothing found' : found === 1 ? 'One thing found' : `${found} things found`),
  messages: 'Messages',
  endpoints: 'Endpoints',
  applications: 'Applications',
  story: 'See its story',
  open: 'Open',
  of: 'of',
  disabled: 'Disabled',
  created: 'created',
  nothing: {
    title: 'Nothing found',
    message: 'No message has this id: it was never accepted here, or it is older than messages are kept.',
    other: 'A name is found by its beginning. An id must be whole.',
    event: 'If this is an event id: open its application, and find it on the page Messages.',
  },
  incomplete: {
    title: 'Not every application was looked through',
    text: 'The message has no deliveries, so each application has to be asked, and the time was up. Open the application and search for the id there.',
  },
  start: { title: 'Nothing searched yet', text: 'Support cases begin here: from an id to its story in two clicks.' },
  foreign: (orgId: string) =>
    `Of ${orgId}. To open it, sign in with a token of this organisation, which “node dist/cli.js token ${orgId}” prints.`,
};
