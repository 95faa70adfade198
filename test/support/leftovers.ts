import type { Answer, Api } from './api.js';
import { randomOrgIds } from './tokens.js';

const AT_ONCE = 4;

/**
 * Deletes the applications and the operational endpoints of this file's organisations on an installation that goes on running: no webhook
 * is tried again afterwards. Event types stay, and messages until they expire.
 */
export async function removeLeftovers(as: (orgId: string) => Api): Promise<void> {
  for (const orgId of randomOrgIds()) {
    await emptied(as(orgId), '/app');
    await emptied(as(orgId), '/operational-webhook/endpoint');
  }
}

async function emptied(api: Api, path: string): Promise<void> {
  for (;;) {
    const { data } = expected(await api.get(`${path}?limit=250`), 200).body;
    if (data.length === 0) return;
    const ids = data.map(({ id }: { id: string }) => id);
    const worker = async () => {
      // Another one of these may have deleted it: a delete that was repeated is a 404.
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) expected(await api.delete(`${path}/${id}`), 204, 404);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
}

function expected(answer: Answer, ...statuses: number[]): Answer {
  if (!statuses.includes(answer.status))
    throw new Error(`Removing what the tests made: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}
