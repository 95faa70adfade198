import type { Stage } from './stage.js';

/** One of the requests that make deliveries. */
export interface Kind {
  name: string;
  /** Requests side by side that measure the capacity. */
  lanes: number;
  /** Length of the overload and of the measurements of the capacity, as a part of those of messages. */
  part: number;
  /** Deliveries of one accepted request; null if they can't be counted. */
  deliveries: number | null;
  request(stage: Stage): Promise<{ paths: string[]; body: string }>;
}

const MESSAGE = { eventType: 'order.paid', payload: { text: 'x'.repeat(300) } };
const BATCH = 20;
const RESENT = 50;

export const KINDS: Kind[] = [
  {
    name: 'message',
    lanes: 100,
    part: 1,
    deliveries: 1,
    request: async ({ loud }) => ({ paths: [`/api/v1/app/${loud.appId}/msg?with_content=false`], body: JSON.stringify(MESSAGE) }),
  },
  {
    name: `batch of ${BATCH}`,
    lanes: 8,
    part: 0.3,
    deliveries: BATCH,
    request: async ({ loud }) => ({
      paths: [`/api/v1/app/${loud.appId}/msg/batch`],
      body: JSON.stringify(Array.from({ length: BATCH }, () => MESSAGE)),
    }),
  },
  {
    name: 'resend',
    lanes: 32,
    part: 0.3,
    // The receiver counts a pair of message and endpoint once.
    deliveries: null,
    request: async ({ call, loud }) => {
      const made = Array.from({ length: RESENT }, () => call<{ id: string }>(loud, `/app/${loud.appId}/msg`, MESSAGE));
      const paths = (await Promise.all(made)).map(
        ({ id }) => `/api/v1/app/${loud.appId}/msg/${id}/endpoint/${loud.endpointId}/resend`,
      );
      return { paths, body: '{}' };
    },
  },
  {
    name: 'recover',
    lanes: 32,
    part: 0.3,
    deliveries: null,
    request: async ({ loud }) => ({
      paths: [`/api/v1/app/${loud.appId}/endpoint/${loud.endpointId}/recover`],
      body: JSON.stringify({ since: new Date(Date.now() - 3_600_000).toISOString() }),
    }),
  },
];
