import type { Route } from '../auth/route.js';

/** Operations that have no entry in the audit log although they are no GET, and why. A test walks all operations. */
export const UNAUDITED: Readonly<Record<string, string>> = {
  'v1.message.create': 'a message: it is its own record, and the busiest path writes nothing more',
  'v1.message.create-batch': 'messages: they are their own records',
  'v1.message.precheck': 'changes nothing',
  'v1.environment.export': 'changes nothing',
  'v1.statistics.aggregate-app-stats': 'counts, and changes nothing',
  'v1.statistics.aggregate-event-types': 'counts, and changes nothing',
};

/** Whether each call of the route that is allowed gets an entry. A new operation that is no GET does, unless UNAUDITED names it. */
export function isAudited({ method, operation }: Route): boolean {
  return method !== 'GET' && operation !== undefined && !Object.hasOwn(UNAUDITED, operation.id);
}
