import { connectionFaults } from './connections.ts';
import type { Fault } from './fault.ts';
import { nameFaults } from './names.ts';
import { firstFaults, orderFaults } from './order.ts';
import { outputFaults } from './outputs.ts';
import { shapeFaults } from './shapes.ts';
import type { Unit } from './unit.ts';
import { waitFaults } from './waits.ts';

/** Everything that is wrong with the templates of an app, each with what to change, where, and why. */
export function faultsIn(units: Unit[]): Fault[] {
  return units.flatMap((it) => [
    ...shapeFaults(it),
    ...connectionFaults(it),
    ...nameFaults(it),
    ...waitFaults(it),
    ...orderFaults(it),
    ...firstFaults(it),
    ...outputFaults(it),
  ]);
}
