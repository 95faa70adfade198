import type { EndpointRecord, FaultRecord, ListedMessage, Pair, Records } from '../records.js';

/** A key for a delivery: one message for one endpoint. */
export const keyOf = ({ msg, ep }: Pair): string => `${msg} ${ep}`;

/** Groups by delivery, in the given order. */
export function byDelivery<T extends Pair>(items: readonly T[]): Map<string, T[]> {
  return Map.groupBy(items, keyOf) as Map<string, T[]>;
}

/** The deliveries that a message must have. */
export function deliveriesOf({ id, app, type }: ListedMessage, endpoints: readonly EndpointRecord[]): Pair[] {
  return endpoints
    .filter((endpoint) => endpoint.app === app && (endpoint.types === null || endpoint.types.includes(type)))
    .map((endpoint) => ({ msg: id, ep: endpoint.id }));
}

/** The deliveries of all listed messages. */
export function expectedDeliveries({ messages, endpoints }: Pick<Records, 'messages' | 'endpoints'>): Pair[] {
  const ofApp = Map.groupBy(endpoints, ({ app }) => app);
  return messages.flatMap((message) => deliveriesOf(message, ofApp.get(message.app) ?? []));
}

/** Until when a fault may have consequences: it has ended, and everything is as before. */
export function overAt({ to, acceptsMs, deliversMs, greenMs, allowedMs }: FaultRecord): number {
  return to + Math.max(...[acceptsMs, deliversMs, greenMs].map((ms) => ms ?? allowedMs));
}
