import type { Context } from './context.js';

/** References that are the same on both sides and wrong all the same: the settings name one thing and fill in another. */
export function checkReferences(context: Context): void {
  checkSecretNames(context);
  checkQueues(context);
}

const PLACEHOLDER = /^\$\{([A-Z][A-Z0-9_]*)\}$/;

/** `DATABASE_URL` comes from `${DATABASE_URL_SECRET_ARN}` or `${DATABASE_URL_ARN}`, and a secret is called …/database-…. */
function checkSecretNames({ settings, settingsAt, tellSettings }: Context): void {
  const { secrets, urls } = settings.namesInFiles;
  const made = [...Object.values(secrets), ...Object.values(urls)];
  for (const [name, valueFrom] of Object.entries(settings.secrets)) {
    const [, variable] = PLACEHOLDER.exec(valueFrom) ?? [];
    const wanted = [`${name}_SECRET_ARN`, `${name}_ARN`];
    if (!variable || !wanted.includes(variable))
      tellSettings(
        ['secrets', name],
        `let ${name} come from \${${wanted[0]}}: another secret has another value; it is ${valueFrom}`,
      );
    const start = `/${name.split('_')[0]!.toLowerCase()}-`;
    if (!made.some((secret) => secret.includes(start)))
      tellSettings(
        ['secrets', name],
        `begin the name of the secret of ${name} with its first word, …${start}: none of ${settingsAt('namesOf', 'secrets')} does`,
      );
  }
}

/** Which variable of a release the app's variables stand for. */
const MEANT = {
  SQS_QUEUE_URL: 'QUEUE_URL',
  SQS_DLQ_URL: 'DEAD_LETTER_QUEUE_URL',
  AWS_REGION: 'AWS_REGION',
  RELEASE_LISTENER_ARN: 'LISTENER_ARN',
} as const;

/** Judged in metric-rules.ts. */
const BY_METRICS = ['SERVICE_NAME'];

function checkQueues({ settings, tellSettings }: Context): void {
  for (const [name, variable] of Object.entries(MEANT)) {
    const has = (settings.environment as Readonly<Record<string, string>>)[name];
    if (has !== `\${${variable}}`)
      tellSettings(
        ['environment', name],
        `give ${name} the value \${${variable}}, which is what it is called: it is ${has ?? 'missing'}`,
      );
  }
  for (const [name, value] of Object.entries(settings.environment)) {
    const [, variable] = PLACEHOLDER.exec(value) ?? [];
    if (variable === undefined || Object.hasOwn(MEANT, name) || variable === name || BY_METRICS.includes(name)) continue;
    tellSettings(['environment', name], `give ${name} the value \${${name}}: ${value} is another number`);
  }
  const { queue, deadLetterQueue } = settings.namesInFiles;
  if (deadLetterQueue !== `${queue}-dlq`)
    tellSettings(
      ['namesOf', 'deadLetterQueue'],
      `call the dead-letter queue ${queue}-dlq: it must be another queue, and be known by its name; it is ${deadLetterQueue}`,
    );
}
