import { join } from 'node:path';
import { Processes } from '../../../rehearsal/ecs/processes.js';
import { LambdaFunctions } from '../../../rehearsal/lambda/functions.js';
import type { FunctionDefinition } from '../../../rehearsal/lambda/variables.js';
import { FAST, TestJournal } from './ecs.js';

export const FOLDER = join(import.meta.dirname, 'functions');

/** The functions of tests; what they log is in the journal. */
export function someFunctions(
  changes: Partial<FunctionDefinition> = {},
  leastMs = 20_000,
): { functions: LambdaFunctions; journal: TestJournal; logged(): string[] } {
  const journal = new TestJournal();
  const standIn = {
    name: 'stand-in',
    handler: 'stand-in.handler',
    environment: { NAME: 'posthorn' },
    timeoutMs: 180_000,
    memoryMb: 256,
  };
  const functions = new LambdaFunctions({
    definitions: [
      { ...standIn, ...changes },
      { ...standIn, name: 'broken', handler: 'broken.handler' },
    ],
    place: { folder: FOLDER, region: 'eu-west-1', account: '123456789012', environment: {} },
    clock: FAST,
    journal,
    processes: new Processes(),
    leastMs,
  });
  const logged = () => journal.entries.filter(({ event }) => event === 'log').map(({ facts }) => String(facts['line']));
  return { functions, journal, logged };
}
