import { startReceiver, type Receiver, type Script } from '../support/receiver.js';
import { until } from '../support/until.js';

/** A receiver that records the messages that it has accepted with 200. */
export interface Customer extends Receiver {
  /** Message id → bodies, one for each time that it accepted the message. */
  taken: Map<string, string[]>;
  /** Resolves when it has accepted all of these messages, byte for byte. */
  tookAll(messages: ReadonlyMap<string, string>, withinMs: number): Promise<void>;
  /** Ids of the messages that it accepted more than once. */
  takenTwice(): string[];
}

export async function startCustomer(script: Script = () => 200): Promise<Customer> {
  const taken = new Map<string, string[]>();
  const receiver = await startReceiver((request, index) => {
    const answer = script(request, index);
    if ((typeof answer === 'number' ? answer : answer.hang ? 0 : answer.status) === 200) {
      const id = String(request.headers['webhook-id']);
      taken.set(id, [...(taken.get(id) ?? []), request.body.toString('utf8')]);
    }
    return answer;
  });
  const missing = (messages: ReadonlyMap<string, string>) => [...messages.keys()].filter((id) => !taken.has(id));
  return {
    ...receiver,
    taken,
    async tookAll(messages, withinMs) {
      await until(() => missing(messages).length === 0, withinMs, `${messages.size} messages to arrive`).catch((error: Error) => {
        const lost = missing(messages);
        throw new Error(`${error.message}; ${lost.length} did not, such as ${lost.slice(0, 3).join(', ')}`, { cause: error });
      });
      const changed = [...messages].filter(([id, payload]) => taken.get(id)!.some((body) => body !== payload));
      if (changed.length > 0) throw new Error(`${changed.length} messages arrived changed, such as ${changed[0]![0]}`);
    },
    takenTwice: () => [...taken].filter(([, bodies]) => bodies.length > 1).map(([id]) => id),
  };
}
