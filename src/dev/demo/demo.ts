import { APPLICATIONS } from './applications.js';
import { DemoApi } from './demo-api.js';
import { DemoReceiver } from './receiver.js';
import { earlierPort, setUp } from './set-up.js';
import { sendMessages } from './traffic.js';

/** What a demo needs. */
export interface DemoOptions {
  /** Where the service is, without a path. */
  server: string;
  /** A token of the organisation whose things the demo makes. */
  token: string;
  /** Sends fewer messages after half an hour. */
  calmsDown: boolean;
  say: (line: string) => void;
  /** What answers the webhooks, if it was started before the service: then nothing meets a closed port. It is left running. */
  receiver?: DemoReceiver;
}

/** A demo that runs. */
export interface Demo {
  /** The link that opens the portal of the application to look at. */
  portal: string;
  console: string;
  /** Sends nothing more. The endpoints refuse connections from then on, unless their receiver was given. */
  stop(): Promise<void>;
}

/**
 * Fills a running service with lively data: three applications, endpoints that fail in different ways, and a trickle of messages. What an earlier run
 * has made is used again. Throws DemoFault if the service does not answer as it should.
 */
export async function startDemo({ server, token, calmsDown, say, receiver: given }: DemoOptions): Promise<Demo> {
  const api = new DemoApi(server, token);
  const receiver = given ?? (await DemoReceiver.start(await earlierPort(api)));
  const ending = new AbortController();
  try {
    const made = await setUp(api, receiver);
    const { url } = await api.post(`/auth/app-portal-access/${APPLICATIONS[0].uid}`, {});
    const trickle = sendMessages(api, made, { signal: ending.signal, say, calmsDown });
    return {
      portal: String(url),
      console: `${server}/console`,
      stop: async () => {
        ending.abort();
        await trickle;
        if (given === undefined) await receiver.stop();
      },
    };
  } catch (error) {
    await receiver.stop();
    throw error;
  }
}
