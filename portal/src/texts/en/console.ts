/** The areas of the console that the portal does not have. An area that grows gets its own file. */
export const health = { title: 'Health', lead: 'Whether it is us, and who is hurt.' };
export const applications = { title: 'Applications', lead: 'Your customers.' };
export const search = { title: 'Search', lead: 'An id, a uid or a name.' };
export const deadLetters = { title: 'Dead letters', lead: 'Work that was given up.' };
export const tasks = { title: 'Background tasks', lead: 'Long work, and how far it is.' };
export const operationalWebhooks = {
  title: 'Operational webhooks',
  lead: 'Endpoints of yours that hear what happens to those of your customers.',
};
export const keys = { title: 'API keys', lead: 'Who may call the API.' };
export const audit = { title: 'Audit log', lead: 'Who changed what.' };
export const processes = { title: 'Processes', lead: 'What runs, in which version, with which share of the traffic.' };
