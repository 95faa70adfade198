import { fillIn, placeholdersOf } from '../../../infra/pipeline/fill-in.js';
import { FILES, type Project, type Settings } from './project.js';

export type SizeName = keyof Settings['sizes'];

const REGION = 'eu-west-1';
const ACCOUNT = '123456789012';
const secretArn = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-AbCdEf`;

/** Values that look like those an account has. Only their form matters. */
const SAMPLES: Readonly<Record<string, string>> = {
  AWS_REGION: REGION,
  NAME: 'posthorn',
  EXECUTION_ROLE_ARN: `arn:aws:iam::${ACCOUNT}:role/posthorn-execution`,
  TASK_ROLE_ARN: `arn:aws:iam::${ACCOUNT}:role/posthorn-task`,
  PUBLIC_URL: 'https://webhooks.example.com:443',
  QUEUE_URL: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/posthorn`,
  DEAD_LETTER_QUEUE_URL: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/posthorn-dlq`,
  LISTENER_ARN: `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:listener/app/posthorn/0123456789abcdef/0123456789abcdef`,
};

/** What the secrets' values look like, by the variable that gets them. */
export const SECRET_SAMPLES: Readonly<Record<string, string>> = {
  DATABASE_URL: 'mysql://posthorn:secret@database.internal:3306/posthorn',
  REDIS_URL: 'rediss://:secret@cache.internal:6379',
  JWT_SECRET: 'x'.repeat(48),
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
};

/** The task definition of an installation of that size, as the build would fill it in. */
export function renderedTaskdef(project: Project, sizeName: SizeName): string {
  const size = project.settings.sizes[sizeName];
  const ofSize: Record<string, string> = {
    TASK_CPU: String(size.cpu),
    TASK_MEMORY: String(size.memory),
    DATABASE_POOL_SIZE: String(size.poolSize),
    DELIVERY_CONCURRENCY: String(size.deliveryConcurrency),
  };
  const text = project.texts.taskdef;
  const sample = (name: string) => ofSize[name] ?? SAMPLES[name] ?? secretArn(name.toLowerCase());
  const values = Object.fromEntries(placeholdersOf(text).map((name) => [name, sample(name)]));
  return fillIn(FILES.taskdef, text, values);
}
