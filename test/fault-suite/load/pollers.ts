import type { Customer } from './customers.js';

const PAUSE_MS = 1_000;
const LIMIT = 200;

/** Polls all applications from the beginning, as a customer without a public URL does. */
export interface Pollers {
  /** Goes on until each has got everything that is there, or `withinMs` are over. Not before the last message is ten seconds old. */
  finish(withinMs: number): Promise<void>;
}

export function startPollers(customers: readonly Customer[]): Pollers {
  let finishing = false;
  let deadline = Infinity;
  const loops = customers.map(async ({ poll }) => {
    let iterator: string | undefined;
    let done = false;
    while (!(finishing && done) && Date.now() < deadline) {
      const asked = finishing;
      const page = await pageOf(poll, iterator);
      if (page) {
        poll.ids.push(...page.data.map(({ id }) => id));
        iterator = page.iterator;
        // An answer from before the end does not count.
        done = asked && page.done;
      }
      if (!page || page.done) await new Promise((wake) => setTimeout(wake, PAUSE_MS));
    }
  });
  return {
    async finish(withinMs) {
      finishing = true;
      deadline = Date.now() + withinMs;
      await Promise.all(loops);
    },
  };
}

/** Null without an answer, or with one that says: later. The same page is asked for again then. */
async function pageOf({ app, sink, consumer, client }: Customer['poll'], iterator: string | undefined) {
  const path = `/app/${app}/poller/${sink}${consumer === null ? '' : `/consumer/${consumer}`}`;
  const query = new URLSearchParams({ limit: String(LIMIT), ...(iterator !== undefined && { iterator }) });
  try {
    const { status, body } = await client.request('GET', `${path}?${query}`);
    return status === 200 ? (body as { data: { id: string }[]; iterator: string; done: boolean }) : null;
  } catch {
    return null;
  }
}
