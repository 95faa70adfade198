import { checkArtifacts } from './build/artifact-rules.js';
import { runBuild } from './build/flow.js';
import { checkReports } from './build/report-rules.js';
import { checkPhases } from './build/phase-rules.js';
import { checkVariables } from './build/variable-rules.js';
import type { Context } from './context.js';

/** The build: test, build, start, ask, rehearse, and only then push; it stops at the first failure, and hands on what it made. */
export function checkBuild(context: Context): void {
  checkPhases(context);
  checkVariables(context);
  const build = runBuild(context);
  if (!build.has.has('pushed')) context.tell('buildspec', ['phases'], 'push the image: docker push "$IMAGE"');
  checkReports(context, build);
  checkArtifacts(context, build);
}
