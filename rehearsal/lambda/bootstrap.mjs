// What Lambda's runtime for Node is to a function: loads its handler, and calls it with each event that comes. Log lines go to stdout.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { _HANDLER: handlerName = '', LAMBDA_TASK_ROOT: root = '', AWS_LAMBDA_FUNCTION_NAME: functionName = '' } = process.env;

/** @param {unknown} error */
function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** @returns {Promise<(event: unknown, context: object) => unknown>} */
async function load() {
  const [file = '', name = ''] = handlerName.split('.');
  const module = await import(pathToFileURL(join(root, `${file}.mjs`)).href);
  if (typeof module[name] !== 'function') throw new Error(`${handlerName} is undefined or not exported`);
  return module[name];
}

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 * @param {{ requestId: string, arn: string, leftMs: number }} invocation
 */
function contextOf({ requestId, arn, leftMs }) {
  const endsAt = performance.now() + leftMs;
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: requestId,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
  };
}

/** @param {object} what */
const logError = (what) => process.stderr.write(`${JSON.stringify({ level: 'ERROR', ...what })}\n`);

/** @param {object} message */
const say = (message) => process.send?.(message);

try {
  const handler = await load();
  process.on('message', async (/** @type {any} */ { event, ...invocation }) => {
    try {
      const result = await handler(event, contextOf(invocation));
      say({ kind: 'result', result: result ?? null });
    } catch (error) {
      const what = described(error);
      logError(what);
      say({ kind: 'error', ...what });
    }
  });
  say({ kind: 'ready' });
} catch (error) {
  const what = described(error);
  logError(what);
  say({ kind: 'error', ...what });
}
