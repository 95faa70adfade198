import { container, pipeline, type Names } from './settings.ts';

/** How long a migration may take. */
export const MIGRATION_LIMIT_MINUTES = 60;
/** Where the filled-in files are, for the deploy action. */
const FILLED = 'filled';

/** What the migrate project of an environment runs: it fills in what is deployed here, and migrates the database with it. */
export function releaseBuildSpec(names: Names): Record<string, unknown> {
  const { taskDefinitionFile, appSpecFile, imageArtifact } = pipeline;
  return {
    version: '0.2',
    env: { shell: 'bash' },
    phases: {
      install: { 'runtime-versions': { nodejs: 24 } },
      build: {
        commands: [
          // The first input artifact is the source, the second is named after itself.
          `export SPEC_DIR=$CODEBUILD_SRC_DIR IMAGE_DIR=$CODEBUILD_SRC_DIR_${imageArtifact} FILLED_DIR=$CODEBUILD_SRC_DIR/${FILLED}`,
          `(\n${fillInScript()})`,
          `(\n${migrateScript(names)})`,
        ],
      },
    },
    artifacts: { files: [taskDefinitionFile, appSpecFile], 'base-directory': FILLED },
  };
}

/** Fills in taskdef.json and appspec.yaml with the variables of the project. */
export function fillInScript(): string {
  const { taskDefinitionFile, appSpecFile, fillInFile } = pipeline;
  return `set -eu
for file in ${taskDefinitionFile} ${appSpecFile}; do
  node "$SPEC_DIR/${fillInFile}" "$SPEC_DIR/$file" "$FILLED_DIR/$file"
done
`;
}

/**
 * The migration as a shell script: registers the task definition of the release under a family of its own, with the release's image,
 * an execution role of its own and the URLs of the migration's users, runs one task of it, waits, shows its log, and ends as the task
 * ended. Asks for itself instead of `aws ecs wait`, which gives up after ten minutes.
 */
export function migrateScript({ name, migrateFamily, appLog }: Names): string {
  const overrides = { containerOverrides: [{ name: container.name, command: container.migrateCommand }] };
  return `set -eu
image=$(jq -er .ImageURI "$IMAGE_DIR/${pipeline.imageFile}")
jq -e --arg image "$image" '.family = "${migrateFamily}"
  | .executionRoleArn = env.MIGRATION_ROLE_ARN | del(.taskRoleArn)
  | (.containerDefinitions[] | select(.name == "${container.name}")) |= (.image = $image
    | .secrets = ([.secrets[] | select(.name != "DATABASE_URL")] + [
      {name: "DATABASE_URL", valueFrom: env.DIRECT_URL_SECRET_ARN},
      {name: "DATABASE_MIGRATION_URL", valueFrom: env.MIGRATION_URL_SECRET_ARN},
      {name: "DATABASE_ADMIN_URL", valueFrom: env.ADMIN_URL_SECRET_ARN}])
    | del(.healthCheck))' "$FILLED_DIR/${pipeline.taskDefinitionFile}" > /tmp/migrate.json
definition=$(aws ecs register-task-definition --cli-input-json file:///tmp/migrate.json --query taskDefinition.taskDefinitionArn --output text)
started=$(aws ecs run-task --cluster ${name} --launch-type FARGATE --count 1 --started-by pipeline \\
  --task-definition "$definition" --network-configuration "$NETWORK" \\
  --overrides '${JSON.stringify(overrides)}' --output json)
task=$(printf %s "$started" | jq -r '.tasks[0].taskArn // empty')
if [ -z "$task" ]; then printf '%s\\n' "$started"; echo 'The migration could not be started.'; exit 1; fi
echo "Migrating with $image in $task"
while :; do
  now=$(aws ecs describe-tasks --cluster ${name} --tasks "$task" --output json)
  [ "$(printf %s "$now" | jq -r '.tasks[0].lastStatus')" != STOPPED ] || break
  sleep "\${POLL_SECONDS:-5}"
done
aws logs get-log-events --log-group-name ${appLog} --log-stream-name "$LOG_PREFIX/${container.name}/\${task##*/}" \\
  --start-from-head --query 'events[].message' --output text || true
code=$(printf %s "$now" | jq -r '.tasks[0].containers[] | select(.name == "${container.name}") | .exitCode // "none"')
printf %s "$now" | jq -r '.tasks[0] | "Stopped: \\(.stopCode // "-") \\(.stoppedReason // "-")"'
if [ "$code" != 0 ]; then echo "The migration ended with exit code $code: nothing is deployed."; exit 1; fi
`;
}
