import { container, pipeline, type Names } from './settings.ts';

/** How long a migration may take. */
export const MIGRATION_LIMIT_MINUTES = 60;
/** How long the step waits for it: shorter, so that it can still say what became of it before CodeBuild ends it without a word. */
const WAIT_MINUTES = MIGRATION_LIMIT_MINUTES - 5;
/** So many times in a row the task may not be found, or ECS not answer: a task is listed a moment after it was started. */
const BLIND_LIMIT = 60;
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
 *
 * A migration that takes too long is not stopped: the server would undo what an ALTER TABLE did for an hour. The next one waits for it.
 */
export function migrateScript({ name, migrateFamily, appLog }: Names): string {
  const overrides = { containerOverrides: [{ name: container.name, command: container.migrateCommand }] };
  return `set -eu
fail() { printf '%s\\n' "$*"; exit 1; }
image=$(jq -er .ImageURI "$IMAGE_DIR/${pipeline.imageFile}") || fail 'There is no ImageURI in ${pipeline.imageFile}: the build writes it (${pipeline.buildSpecFile}).'
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
[ -n "$task" ] || fail "$started" 'The migration could not be started.'
echo "Migrating with $image in $task"
end=$(($(date +%s) + \${WAIT_SECONDS:-${WAIT_MINUTES * 60}}))
blind=0
state=
while :; do
  now=$(aws ecs describe-tasks --cluster ${name} --tasks "$task" --output json) || now='{}'
  state=$(printf %s "$now" | jq -r '.tasks[0].lastStatus // empty')
  [ "$state" != STOPPED ] || break
  if [ -n "$state" ]; then blind=0; else blind=$((blind + 1)); fi
  [ "$blind" -lt ${BLIND_LIMIT} ] || fail "ECS does not tell what became of the migration $task: $now. Nothing is deployed."
  [ "$(date +%s)" -lt "$end" ] || break
  sleep "\${POLL_SECONDS:-5}"
done
aws logs get-log-events --log-group-name ${appLog} --log-stream-name "$LOG_PREFIX/${container.name}/\${task##*/}" \\
  --start-from-head --query 'events[].message' --output text || echo 'The migration has no log: it did not start, or ended at once.'
[ "$state" = STOPPED ] || fail "The migration is not done after ${WAIT_MINUTES} minutes. It is not stopped, and nothing is deployed." \\
  "Wait until the task $task has stopped, and retry this stage: docs/operations.md says more."
code=$(printf %s "$now" | jq -r 'first(.tasks[0].containers[]? | select(.name == "${container.name}") | .exitCode // empty) // "none"')
printf %s "$now" | jq -r '.tasks[0] | "Stopped: \\(.stopCode // "-") \\(.stoppedReason // "-")", (.containers[]?.reason // empty)'
[ "$code" = 0 ] || fail "The migration ended with exit code $code: nothing is deployed."
`;
}
