export const deadLetters = {
  title: 'Dead letters',
  lead: 'Work that was given up, because it broke the process that did it or could not be read.',
  kind: 'Kind',
  kinds: { all: 'All', delivery: 'Deliveries', task: 'Tasks' },
  one: { delivery: 'Delivery', task: 'Task' },
  columns: {
    what: 'Dead letter',
    kind: 'Kind',
    since: 'Given up',
    actions: 'Actions',
  },
  of: 'of',
  unreadable: 'It can not be read. Tried again, it is given up again, until there is a release that can read it.',
  retry: 'Try again',
  retryAll: 'Try all again',
  retried: 'It is tried again',
  retriedAll: 'All are tried again',
  confirm: {
    title: 'Try all dead letters again?',
    text: 'Each delivery is sent again now. Those to disabled endpoints stay dead letters.',
    operator: 'This is for all organisations.',
  },
  empty: {
    title: 'No dead letters',
    text: 'No work has broken a process. Messages that failed at every attempt are no dead letters: the page of their endpoint sends them again, with “Recover”.',
  },
};
