import type { Action, Stage } from '../../lib/pipeline-actions.ts';
import { pipeline } from '../../lib/settings.ts';

interface Artifact {
  files: string[];
  'base-directory'?: string;
}

/** What the flow depends on in a buildspec. */
export interface BuildSpec {
  phases?: Record<string, { commands?: string[] }>;
  artifacts?: Partial<Artifact> & { 'secondary-artifacts'?: Record<string, Artifact> };
}

/** Follows artifacts through a pipeline. */
interface Flow {
  /** Artifact → its files, of the actions that are over. */
  made: Map<string, string[]>;
  faults: string[];
}

/** What may be read of the whole source; every other action only takes what was built, and was shown to somebody. */
const FROM_SOURCE = ['Build', 'Plan', 'Verify'];

/** Everything that an action takes and no action before it made, or that is not what it needs. `specOf`: by the project's name. */
export function artifactFaults(stages: readonly Stage[], specOf: (project: string) => BuildSpec | undefined): string[] {
  const flow: Flow = { made: new Map(), faults: [] };
  for (const { name: stage, actions } of stages) {
    const steps = new Set((actions as Action[]).map(({ runOrder = 1 }) => runOrder));
    for (const step of [...steps].sort((a, b) => (a as number) - (b as number))) {
      const now = (actions as Action[]).filter(({ runOrder = 1 }) => runOrder === step);
      for (const action of now) take(flow, `${stage}.${action.name}`, action, specOf);
      // Actions of one step run side by side: what one of them makes, the others don't have.
      for (const action of now) give(flow, `${stage}.${action.name}`, action, specOf);
    }
  }
  return flow.faults;
}

const namesIn = (artifacts: unknown) => ((artifacts ?? []) as { name: string }[]).map(({ name }) => name);
const providerOf = ({ actionTypeId }: Action) => (actionTypeId as { provider: string }).provider;
const projectOf = ({ configuration }: Action) => (configuration as { ProjectName: string }).ProjectName;

function take({ made, faults }: Flow, at: string, action: Action, specOf: (project: string) => BuildSpec | undefined): void {
  const inputs = namesIn(action.inputArtifacts);
  for (const input of inputs) if (!made.has(input)) faults.push(`${at} takes ${input}, which no action before it makes`);
  if (inputs.includes(pipeline.sourceArtifact) && !FROM_SOURCE.includes(action.name))
    faults.push(`${at} takes ${pipeline.sourceArtifact}: it must take what was built of it`);
  const configuration = (action.configuration ?? {}) as Record<string, string>;
  if (providerOf(action) === 'CodeDeployToECS') takeRelease({ made, faults }, at, inputs, configuration);
  if (providerOf(action) !== 'CodeBuild') return;
  const primary = inputs.length > 1 ? configuration.PrimarySource : inputs[0];
  if (!primary || !inputs.includes(primary)) faults.push(`${at} must name one of its artifacts as PrimarySource`);
  const commands = Object.values(specOf(projectOf(action))?.phases ?? {}).flatMap((phase) => phase.commands ?? []);
  const named = [...commands.join('\n').matchAll(/CODEBUILD_SRC_DIR_(\w+)/g)].map(([, name]) => name!);
  for (const name of named)
    if (name === primary || !inputs.includes(name)) faults.push(`${at} reads $CODEBUILD_SRC_DIR_${name}, which it is not given`);
  for (const input of inputs)
    if (input !== primary && !named.includes(input)) faults.push(`${at} takes ${input} and does not read it`);
}

/** The deploy action finds its files in artifacts that it takes, and the image where CodeBuild wrote it. */
function takeRelease({ made, faults }: Flow, at: string, inputs: string[], given: Record<string, string>): void {
  const wanted = [
    [given.TaskDefinitionTemplateArtifact, given.TaskDefinitionTemplatePath],
    [given.AppSpecTemplateArtifact, given.AppSpecTemplatePath],
    [given.Image1ArtifactName, pipeline.imageFile],
  ] as const;
  for (const [artifact = '', path = ''] of wanted) {
    if (!inputs.includes(artifact)) faults.push(`${at} reads ${path} of ${artifact}, which it does not take`);
    else if (!made.get(artifact)?.includes(path)) faults.push(`${at} reads ${path}, which ${artifact} does not have`);
  }
  if (given.TaskDefinitionTemplateArtifact === pipeline.specArtifact || given.AppSpecTemplateArtifact === pipeline.specArtifact)
    faults.push(`${at} deploys the files of ${pipeline.specArtifact}, which are not filled in`);
}

function give({ made, faults }: Flow, at: string, action: Action, specOf: (project: string) => BuildSpec | undefined): void {
  const outputs = namesIn(action.outputArtifacts);
  const spec = providerOf(action) === 'CodeBuild' ? specOf(projectOf(action)) : undefined;
  if (providerOf(action) === 'CodeBuild' && !spec) faults.push(`${at} starts ${projectOf(action)}, which is no project`);
  if (spec?.artifacts && outputs.length === 0) faults.push(`${at} hands nothing on, but its project writes artifacts`);
  for (const output of outputs) {
    if (made.has(output)) faults.push(`${at} makes ${output}, which another action made`);
    // CodeBuild only looks for secondary artifacts when there are several.
    const { 'secondary-artifacts': secondary, ...primary } = spec?.artifacts ?? {};
    const artifact = outputs.length > 1 ? secondary?.[output] : primary;
    if (spec && !artifact?.files) faults.push(`${at} makes ${output}, which its buildspec does not have`);
    made.set(output, artifact?.files ?? []);
  }
}
