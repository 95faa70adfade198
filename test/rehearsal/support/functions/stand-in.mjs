/** @param {any} event @param {any} context */
export async function handler(event, context) {
  console.log(`called with ${JSON.stringify(event)}`);
  if (event.throws) throw new TypeError(event.throws);
  if (event.exits) process.exit(event.exits);
  if (event.hangs) await new Promise((done) => setTimeout(done, 60_000));
  if (event.rawPath) return answerTo(event);
  const { getRemainingTimeInMillis, awsRequestId, functionName } = context;
  console.log(JSON.stringify({ leftMs: getRemainingTimeInMillis(), awsRequestId, functionName }));
  const { NAME, AWS_REGION, AWS_SESSION_TOKEN, OF_THE_REHEARSAL } = process.env;
  console.log(JSON.stringify({ NAME, AWS_REGION, AWS_SESSION_TOKEN, OF_THE_REHEARSAL }));
}

let calls = 0;

function answerTo(event) {
  calls++;
  if (event.rawPath === '/crash') process.exit(1);
  if (event.rawPath === '/plain') return { calls };
  return {
    statusCode: 201,
    headers: { 'X-Calls': calls },
    cookies: ['a=1', 'b=2'],
    body: JSON.stringify({ pid: process.pid, event }),
  };
}
