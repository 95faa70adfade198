/** An event type of the demo, and how a payload of it is made. */
export interface DemoEventType {
  name: string;
  description: string;
  groupName: string;
  /** Properties of the payload, as JSON Schema has them. */
  properties: Record<string, object>;
  payload(): Record<string, unknown>;
}

const NAMES = ['Ada Reyes', 'Bo Lindqvist', 'Chidi Okafor', 'Dana Novak', 'Emi Tanaka', 'Farid Haddad'];
const CARRIERS = ['UPS', 'DHL', 'PostNord'];
const GOODS = ['house-blend-1kg', 'filter-papers', 'hand-grinder', 'gift-card'];
const TEXT = { type: 'string' };
const AMOUNT = { type: 'number', minimum: 0 };
const CURRENCY = { type: 'string', enum: ['EUR', 'USD', 'SEK'] };

/** What the applications of the demo are told of. */
export const EVENT_TYPES: readonly DemoEventType[] = [
  {
    name: 'order.created',
    description: 'A customer has ordered something.',
    groupName: 'order',
    properties: {
      orderId: TEXT,
      customer: { type: 'object', properties: { id: TEXT, name: TEXT }, required: ['id', 'name'] },
      items: { type: 'array', items: { type: 'object', properties: { sku: TEXT, quantity: { type: 'integer', minimum: 1 } } } },
      total: AMOUNT,
      currency: CURRENCY,
    },
    payload: () => ({
      orderId: numbered('ord'),
      customer: { id: numbered('cus'), name: oneOf(NAMES) },
      items: [{ sku: oneOf(GOODS), quantity: wholeNumber(1, 4) }],
      total: money(),
      currency: 'EUR',
    }),
  },
  {
    name: 'order.shipped',
    description: 'A parcel is on its way.',
    groupName: 'order',
    properties: { orderId: TEXT, carrier: TEXT, trackingNumber: TEXT },
    payload: () => ({ orderId: numbered('ord'), carrier: oneOf(CARRIERS), trackingNumber: numbered('1Z') }),
  },
  {
    name: 'invoice.paid',
    description: 'An invoice was paid in full.',
    groupName: 'invoice',
    properties: {
      invoiceId: TEXT,
      orderId: TEXT,
      amount: AMOUNT,
      currency: CURRENCY,
      paidAt: { type: 'string', format: 'date-time' },
    },
    payload: () => ({
      invoiceId: numbered('inv'),
      orderId: numbered('ord'),
      amount: money(),
      currency: oneOf(['EUR', 'USD', 'SEK']),
      paidAt: new Date().toISOString(),
    }),
  },
  {
    name: 'invoice.overdue',
    description: 'An invoice was not paid in time.',
    groupName: 'invoice',
    properties: { invoiceId: TEXT, amount: AMOUNT, currency: CURRENCY, daysOverdue: { type: 'integer', minimum: 1 } },
    payload: () => ({ invoiceId: numbered('inv'), amount: money(), currency: 'USD', daysOverdue: wholeNumber(1, 60) }),
  },
  {
    name: 'customer.updated',
    description: 'A customer has changed their address or their name.',
    groupName: 'customer',
    properties: { customerId: TEXT, name: TEXT, changed: { type: 'array', items: TEXT } },
    payload: () => ({ customerId: numbered('cus'), name: oneOf(NAMES), changed: [oneOf(['address', 'name', 'e-mail'])] }),
  },
];

/** The JSON Schemas of an event type by version, with an example. */
export function schemasOf({ name, properties, payload }: DemoEventType): Record<string, object> {
  return {
    '1': { title: name, type: 'object', properties, required: Object.keys(properties), examples: [payload()] },
  };
}

/** One of the items, each as likely as the others. */
export function oneOf<T>(items: readonly T[]): T {
  return items[Math.floor(Math.random() * items.length)]!;
}

function wholeNumber(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}

function money(): number {
  return wholeNumber(500, 40_000) / 100;
}

function numbered(prefix: string): string {
  return `${prefix}_${wholeNumber(100_000, 999_999)}`;
}
