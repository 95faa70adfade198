import { WITHOUT_PROFILES } from '../ecs/container.js';

/** A function as its template has it; only what the rehearsal uses. */
export interface FunctionDefinition {
  name: string;
  /** `release-check.handler`: the file in the folder of functions, without `.mjs`, and what it exports. */
  handler: string;
  environment: Readonly<Record<string, string>>;
  /** ms on AWS. */
  timeoutMs: number;
  memoryMb: number;
}

export interface FunctionPlace {
  /** Where the files of the functions are. */
  folder: string;
  region: string;
  account: string;
  /** What leads a function to the parts of AWS that the rehearsal plays, such as AWS_ENDPOINT_URL. */
  environment: Readonly<Record<string, string>>;
}

/** Nobody checks them. Temporary credentials are what a function gets from its role. */
const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'ASIAREHEARSALFUNCTION',
  AWS_SECRET_ACCESS_KEY: 'rehearsal',
  AWS_SESSION_TOKEN: 'rehearsal',
};

/**
 * The environment of a function: its own variables, and those that Lambda reserves.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function functionEnvironment(definition: FunctionDefinition, place: FunctionPlace): Record<string, string> {
  const { PATH = '' } = process.env;
  return {
    PATH,
    LANG: 'en_US.UTF-8',
    ...WITHOUT_PROFILES,
    ...place.environment,
    ...definition.environment,
    TZ: ':UTC',
    _HANDLER: definition.handler,
    LAMBDA_TASK_ROOT: place.folder,
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'rehearsal',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    ...CREDENTIALS,
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html */
export function functionArn({ name }: Pick<FunctionDefinition, 'name'>, { region, account }: FunctionPlace): string {
  return `arn:aws:lambda:${region}:${account}:function:${name}`;
}
