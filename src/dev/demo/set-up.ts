import { APPLICATIONS, type DemoApplication, type DemoEndpoint } from './applications.js';
import type { DemoApi } from './demo-api.js';
import { EVENT_TYPES, schemasOf } from './event-types.js';
import type { DemoReceiver } from './receiver.js';

/** The URL of an endpoint whose receiver is ours, and the port on which that was. */
const OURS = /^http:\/\/127\.0\.0\.1:(\d+)\/demo\/(?!refused)/;

/** Keys of the team's programs. Nobody has their secrets. */
const KEYS = [
  { name: 'Shop backend', scopes: ['send'] },
  { name: 'Reports of the data team', scopes: ['read'], expiry: 90 * 86_400 },
];

/** The port of the receiver that an earlier run had; 0 if there was none. Its endpoints still name it. Throws DemoFault. */
export async function earlierPort(api: DemoApi): Promise<number> {
  const [{ uid, endpoints }] = APPLICATIONS;
  const endpoint = await api.find(`/app/${uid}/endpoint/${endpoints[0]!.uid}`);
  return Number(OURS.exec(String(endpoint?.['url']))?.[1] ?? 0);
}

/**
 * Makes what is missing of event types, applications and endpoints, at first also API keys, and leaves what is there as it is: somebody may have tried things on it. Only
 * URLs of our receiver follow its port. Answers the applications that are new. Throws DemoFault.
 */
export async function setUp(api: DemoApi, receiver: DemoReceiver): Promise<DemoApplication[]> {
  for (const type of EVENT_TYPES) {
    const { name, description, groupName } = type;
    if ((await api.find(`/event-type/${name}`)) === null)
      await api.post('/event-type', { name, description, groupName, schemas: schemasOf(type) });
  }
  const made: DemoApplication[] = [];
  if ((await api.find(`/app/${APPLICATIONS[0].uid}`)) === null) for (const key of KEYS) await api.post('/auth/api-token', key);
  for (const application of APPLICATIONS) {
    const { uid, name, endpoints } = application;
    if ((await api.find(`/app/${uid}`)) === null) {
      await api.post('/app', { uid, name, metadata: { demo: 'yes' } });
      made.push(application);
    }
    for (const endpoint of endpoints) await setUpEndpoint(api, receiver, uid, endpoint);
  }
  return made;
}

async function setUpEndpoint(
  api: DemoApi,
  receiver: DemoReceiver,
  app: string,
  { behaviour, ...endpoint }: DemoEndpoint,
): Promise<void> {
  const path = `/app/${app}/endpoint/${endpoint.uid}`;
  const url = receiver.urlOf(behaviour);
  const found = await api.find(path);
  if (found === null) await api.post(`/app/${app}/endpoint`, { ...endpoint, url });
  else if (OURS.test(String(found['url'])) && found['url'] !== url) await api.patch(path, { url });
}
