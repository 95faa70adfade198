import type { PollRecord, Records } from '../records.js';
import { verdict, type Verdict } from './verdict.js';

/** A poller gets each message of its application exactly once, in the order of the ids. */
export function pollers({ polls, messages }: Records): Verdict {
  const ofApp = Map.groupBy(messages, ({ app }) => app);
  const violations = polls.flatMap((poll) => {
    const wanted = (ofApp.get(poll.app) ?? []).filter(({ type }) => poll.types === null || poll.types.includes(type));
    return faultsOf(poll, new Set(wanted.map(({ id }) => id))).map((what) => `poller ${poll.sink}: ${what}`);
  });
  const count = polls.reduce((sum, { ids }) => sum + ids.length, 0);
  return verdict('a poller passes nothing', count, violations);
}

function faultsOf({ ids }: PollRecord, wanted: ReadonlySet<string>): string[] {
  const got = new Set(ids);
  const passed = [...wanted].filter((id) => !got.has(id)).map((id) => `${id} was not handed out`);
  const foreign = [...got].filter((id) => !wanted.has(id)).map((id) => `${id} was handed out, but is not listed for it`);
  const disorder = ids.flatMap((id, at) => (at > 0 && id <= ids[at - 1]! ? [`${id} came after ${ids[at - 1]}`] : []));
  return [...passed, ...foreign, ...disorder];
}
