import { container, NAME, pipeline } from './settings.ts';

/** How long a migration may take. */
export const MIGRATION_LIMIT_MINUTES = 60;

/**
 * The migration as a shell script: registers the task definition of the release under a family of its own, with the release's image
 * and the direct URL of the database, runs one task of it, waits, shows its log, and ends as the task ended. Asks for itself instead
 * of `aws ecs wait`, which gives up after ten minutes.
 */
export function migrateScript(): string {
  const overrides = { containerOverrides: [{ name: container.name, command: container.migrateCommand }] };
  return `set -eu
image=$(jq -er .ImageURI "$IMAGE_DIR/${pipeline.imageFile}")
jq -e --arg image "$image" '.family = "${container.migrateFamily}"
  | (.containerDefinitions[] | select(.name == "${container.name}")).image = $image
  | (.containerDefinitions[].secrets[]? | select(.name == "DATABASE_URL")).valueFrom = env.MIGRATION_URL_SECRET_ARN
  | del(.containerDefinitions[].healthCheck)' "$SPEC_DIR/${pipeline.taskDefinitionFile}" > /tmp/migrate.json
definition=$(aws ecs register-task-definition --cli-input-json file:///tmp/migrate.json --query taskDefinition.taskDefinitionArn --output text)
started=$(aws ecs run-task --cluster ${NAME} --launch-type FARGATE --count 1 --started-by pipeline \\
  --task-definition "$definition" --network-configuration "$NETWORK" \\
  --overrides '${JSON.stringify(overrides)}' --output json)
task=$(printf %s "$started" | jq -r '.tasks[0].taskArn // empty')
if [ -z "$task" ]; then printf '%s\\n' "$started"; echo 'The migration could not be started.'; exit 1; fi
echo "Migrating with $image in $task"
while :; do
  now=$(aws ecs describe-tasks --cluster ${NAME} --tasks "$task" --output json)
  [ "$(printf %s "$now" | jq -r '.tasks[0].lastStatus')" != STOPPED ] || break
  sleep "\${POLL_SECONDS:-5}"
done
aws logs get-log-events --log-group-name "$LOG_GROUP" --log-stream-name "$LOG_PREFIX/${container.name}/\${task##*/}" \\
  --start-from-head --query 'events[].message' --output text || true
code=$(printf %s "$now" | jq -r '.tasks[0].containers[] | select(.name == "${container.name}") | .exitCode // "none"')
printf %s "$now" | jq -r '.tasks[0] | "Stopped: \\(.stopCode // "-") \\(.stoppedReason // "-")"'
if [ "$code" != 0 ]; then echo "The migration ended with exit code $code: nothing is deployed."; exit 1; fi
`;
}
