import { resolve } from 'node:path';
import { checkDeploy } from './check.js';
import { faultLine } from './fault.js';
import { readProject } from './project.js';

// Of this project, or of the folder that is named; infra/lib/settings.ts is imported from this project in any case.
const root = resolve(process.argv[2] ?? resolve(import.meta.dirname, '../../..'));
const faults = checkDeploy(readProject(root));
for (const fault of faults) process.stderr.write(`${faultLine(fault)}\n`);
process.stdout.write(
  faults.length === 0 ? 'The deployment agrees with itself and with the app.\n' : `${faults.length} to change.\n`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
