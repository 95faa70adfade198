import type { Table } from './needs.ts';
import { data } from './table-data.ts';
import { pipelines } from './table-pipeline.ts';
import { service } from './table-service.ts';

/**
 * What every role needs: who makes which call as the role, on what, and where it is said that the call needs this. A new role or
 * action in lib/ needs its rows here first; roles.test.ts compares both ways.
 */
export const TABLE: Table = { ...data, ...service, ...pipelines };

export { resourcePolicies } from './table-data.ts';
