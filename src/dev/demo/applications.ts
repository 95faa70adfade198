import type { Behaviour } from './receiver.js';

/** An endpoint of the demo. */
export interface DemoEndpoint {
  uid: string;
  description: string;
  /** How the receiver answers it; `refused`: nothing listens there. */
  behaviour: Behaviour | 'refused';
  eventTypes?: string[];
  channels?: string[];
  /** Deliveries a second. */
  throttleRate?: number;
  disabled?: boolean;
}

/** An application of the demo, and its part of the messages. */
export interface DemoApplication {
  uid: string;
  name: string;
  share: number;
  /** Each message goes to one of them. */
  channels?: readonly string[];
  endpoints: readonly DemoEndpoint[];
}

/** The organisation of the demo: nothing of it is among the things of another one. */
export const DEMO_ORG_ID = 'org_demo';

/** The first one is the one to look at: it has each kind of trouble. The last has no endpoint, so nobody gets its messages. */
export const APPLICATIONS: readonly [DemoApplication, ...DemoApplication[]] = [
  {
    uid: 'demo-harbor',
    name: 'Harbor Coffee',
    share: 0.7,
    endpoints: [
      { uid: 'demo-shop', description: 'Web shop', behaviour: 'good' },
      {
        uid: 'demo-warehouse',
        description: 'Warehouse: every third message fails at first, and arrives when it is tried again',
        behaviour: 'flaky',
        eventTypes: ['order.created', 'order.shipped'],
      },
      {
        uid: 'demo-accounting',
        description: 'Accounting: answers 500 since its last release',
        behaviour: 'error',
        eventTypes: ['invoice.paid', 'invoice.overdue'],
      },
      {
        uid: 'demo-reports',
        description: 'Reports: accepts connections, and never answers',
        behaviour: 'silent',
        eventTypes: ['invoice.overdue'],
      },
      {
        uid: 'demo-old-server',
        description: 'Old server: switched off, refuses connections',
        behaviour: 'refused',
        eventTypes: ['customer.updated'],
      },
      {
        uid: 'demo-legacy',
        description: 'Legacy importer: answered 410 Gone, and was disabled for it',
        behaviour: 'gone',
        eventTypes: ['order.shipped'],
      },
      { uid: 'demo-crm', description: 'CRM: works, but takes seconds', behaviour: 'slow', eventTypes: ['customer.updated'] },
      {
        uid: 'demo-partner',
        description: 'Partner: takes one message a second, by its rate',
        behaviour: 'limited',
        eventTypes: ['order.created'],
        throttleRate: 1,
      },
      {
        uid: 'demo-newsletter',
        description: 'Newsletter: down for three minutes in every fifteen, and recovers',
        behaviour: 'recovering',
        eventTypes: ['customer.updated', 'order.created'],
      },
    ],
  },
  {
    uid: 'demo-fern',
    name: 'Fern & Fable Books',
    share: 0.25,
    channels: ['eu', 'us'],
    endpoints: [
      { uid: 'demo-eu', description: 'Only what happens in Europe', behaviour: 'good', channels: ['eu'] },
      { uid: 'demo-us', description: 'Only what happens in the US', behaviour: 'flaky', channels: ['us'] },
      { uid: 'demo-test', description: 'Test server, disabled by hand', behaviour: 'good', disabled: true },
    ],
  },
  { uid: 'demo-nimbus', name: 'Nimbus Travel', share: 0.05, endpoints: [] },
];
