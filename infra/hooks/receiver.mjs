import { environment } from './environment.mjs';
import { readSecret } from './secret.mjs';
import { faultOf } from './signing.mjs';

/** How long the key is kept in memory; a new one counts from then on. */
const KEPT_MS = 60_000;
/** @type {{ key: string, until: number } | null} */
let kept = null;

/**
 * The endpoint that the release check has a webhook sent to, behind a function URL. It keeps nothing: its answer says whether the
 * signature was right, Posthorn records the answer with the attempt, and there the check reads it.
 * @param {{ headers: Record<string, string>, body?: string, isBase64Encoded?: boolean }} event
 */
export async function handler(event) {
  if (!kept || Date.now() > kept.until)
    kept = { key: await readSecret(environment('RECEIVER_KEY_ARN')), until: Date.now() + KEPT_MS };
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const fault = faultOf(kept.key, event.headers, body, Math.floor(Date.now() / 1000));
  const answer = fault ? { verified: false, fault } : { verified: true, id: event.headers['webhook-id'] };
  return { statusCode: fault ? 400 : 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
}
