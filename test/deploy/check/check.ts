import { checkAppspec } from './appspec-rules.js';
import { checkBuild } from './build-rules.js';
import { checkCompose } from './compose/compose-rules.js';
import { checkContainer } from './container-rules.js';
import { readContext } from './context.js';
import { checkEnvironment } from './environment-rules.js';
import { faultLine, type Fault } from './fault.js';
import { checkHooks } from './hook-rules.js';
import { checkImage } from './image/image-rules.js';
import { checkLog } from './log-rules.js';
import { checkMetrics } from './metric-rules.js';
import { checkNames } from './name-rules.js';
import { checkNumbers } from './number-rules.js';
import { checkPackage } from './package-rules.js';
import { checkPipeline } from './pipeline-rules.js';
import type { Project } from './project.js';
import { checkReferences } from './reference-rules.js';
import { checkSettings } from './settings-rules.js';
import { checkTask } from './task-rules.js';
import { checkTaskdefKeys } from './taskdef-keys.js';
import { checkVolumes } from './volume-rules.js';

const CHECKS = [
  checkTaskdefKeys,
  checkTask,
  checkVolumes,
  checkContainer,
  checkLog,
  checkEnvironment,
  checkReferences,
  checkAppspec,
  checkHooks,
  checkPipeline,
  checkBuild,
  checkImage,
  checkCompose,
  checkPackage,
  checkNumbers,
  checkSettings,
  checkNames,
  checkMetrics,
];

/**
 * Everything in which the container, the pipeline's files, the infrastructure's settings and the application disagree. Each of
 * them may be right by itself; AWS would tell only when tasks don't start, or a deployment hangs for an hour.
 */
export function checkDeploy(project: Project): Fault[] {
  const faults: Fault[] = [];
  const context = readContext(project, faults);
  if (!context) return faults;
  for (const check of CHECKS) check(context);
  return once(faults).sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

/** What several services take from one template is told once. */
function once(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((fault) => [faultLine(fault), fault])).values()];
}
