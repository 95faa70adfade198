import { newId } from '../../../src/domain/ids.js';
import type { EndpointRecord, PollRecord, Try } from '../records.js';
import type { Site, World } from '../world.js';
import { clientOf, type Client } from './client.js';
import { EVENT_TYPES } from './payloads.js';
import type { Character, Receivers } from './receivers.js';

/** An application that messages are sent to. */
export interface Customer {
  client: Client;
  /** Name of its site. */
  site: string;
  app: string;
  endpoints: (EndpointRecord & { character: Character })[];
  poll: PollRecord & { client: Client; consumer: string | null };
  /** How many of the messages go here, in proportion to the others. */
  weight: number;
}

interface Plan {
  weight: number;
  endpoints: { character: Character; types?: string[] }[];
  pollTypes?: string[];
}

const [PAID, SENT, CREATED] = EVENT_TYPES;

/** The applications of each site, in turn of two organisations. */
const PLANS: Plan[] = [
  { weight: 5, endpoints: [{ character: 'good' }] },
  { weight: 3, endpoints: [{ character: 'good' }, { character: 'slow' }], pollTypes: [PAID] },
  { weight: 2, endpoints: [{ character: 'good' }, { character: 'flaky' }, { character: 'hanging' }] },
  {
    weight: 3,
    endpoints: [
      { character: 'good', types: [PAID, SENT] },
      { character: 'resetting', types: [SENT, CREATED] },
    ],
  },
  {
    weight: 1,
    endpoints: [{ character: 'garbled' }, { character: 'good' }, { character: 'broken' }],
    pollTypes: [SENT, CREATED],
  },
  { weight: 2, endpoints: [{ character: 'flaky', types: [PAID] }] },
];

/** Makes the organisations' event types, applications, endpoints and pollers. */
export async function makeCustomers(world: World, receivers: Receivers, tries: Try[]): Promise<Customer[]> {
  const ofSites = await Promise.all(world.sites.map((site) => customersOf(site, { world, receivers, tries })));
  return ofSites.flat();
}

async function customersOf(
  site: Site,
  { world, receivers, tries }: { world: World; receivers: Receivers; tries: Try[] },
): Promise<Customer[]> {
  const clients = [0, 1].map(() => clientOf(site, world.token(newId('org_')), tries));
  for (const { svix } of clients) for (const name of EVENT_TYPES) await svix.eventType.create({ name, description: name });
  const customers: Customer[] = [];
  for (const [at, plan] of PLANS.entries())
    customers.push(await customerOf(clients[at % clients.length]!, plan, { at, receivers, site: site.name }));
  return customers;
}

async function customerOf(
  client: Client,
  plan: Plan,
  { at, receivers, site }: { at: number; receivers: Receivers; site: string },
): Promise<Customer> {
  const { id: app } = await client.svix.application.create({ name: `app ${at}` });
  const pollTypes = plan.pollTypes ?? null;
  const sink = await client.svix.endpoint.create(app, {
    url: 'http://127.0.0.1:9/',
    disabled: true,
    eventTypes: pollTypes ?? undefined,
  });
  const endpoints: Customer['endpoints'] = [];
  for (const { character, types = null } of plan.endpoints) {
    const { url, assign } = receivers.urlFor(character);
    const { id } = await client.svix.endpoint.create(app, { url, eventTypes: types ?? undefined });
    assign(id);
    endpoints.push({ id, app, types, character });
  }
  const poll = { sink: sink.id, app, types: pollTypes, ids: [], client, consumer: at % 2 === 0 ? null : 'reader' };
  return { client, site, app, endpoints, poll, weight: plan.weight };
}
