import { count } from '../../format.js';

export const applications = {
  title: 'Applications',
  lead: 'Your customers.',
  search: 'Search by id, uid or the beginning of a name',
  create: 'Add application',
  columns: { name: 'Name', uid: 'Uid', id: 'Id', rate: 'Rate', created: 'Created' },
  idThing: 'the id of the application',
  rate: (perSecond: number) => `${perSecond}/s`,
  noRate: 'No limit',
  found: (found: number) => count(found, 'application found', 'applications found'),
  empty: {
    title: 'No application yet',
    text: 'An application is one of your customers. It has endpoints, and you send messages to it.',
  },
  nothing: { title: 'Nothing found', text: 'A name is found by its beginning. A uid must be your own for the customer.' },
  form: {
    title: 'Add application',
    name: 'Name',
    nameHint: 'As your team calls the customer.',
    uid: 'Uid',
    uidHint: 'Your own id of the customer: letters, digits, “.”, “_” and “-”. It can be used wherever the id can.',
    action: 'Add',
  },
  created: (name: string) => `${name} is added`,
};
