import { describe, expect, it } from '@jest/globals';
import { endpointIn } from '../../src/api/endpoint/endpoint.schemas.js';
import { problemsOf, type EndpointValues } from '../../portal/src/pages/endpoints/endpoint-rules.js';

const GOOD: EndpointValues = {
  url: 'https://example.com/hook',
  description: '',
  eventTypes: [],
  channels: [],
  typedEventType: '',
  typedChannel: '',
  rate: '',
  uid: '',
  secret: '',
  headers: [],
};
const given = <T extends string | unknown[]>(value: T) => (value.length === 0 ? undefined : value);

/** The request that the form makes: what is empty is left out. */
const requestOf = ({ url, description, eventTypes, channels, rate, uid, secret, headers }: EndpointValues) => ({
  url,
  description,
  eventTypes: given(eventTypes),
  channels: given(channels),
  throttleRate: rate === '' ? undefined : Number(rate),
  uid: given(uid),
  secret: given(secret),
  headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
});

const header = (name: string, value = 'a') => [{ key: '1', name, value, was: null, hidden: false }];
const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 1).toString('base64')}`;
const names = (count: number) => Array.from({ length: count }, (_, at) => `n${at}`);
const UIDS = ['a', 'a.b-c_d', 'a b', 'ep_a', '..', '.', 'é', 'a'.repeat(256), 'a'.repeat(257)];

const RESERVED =
  `proxy-connection http2-settings keep-alive proxy-authenticate proxy-authorization te trailers transfer-encoding upgrade
  user-agent age cache-control clear-site-data expires pragma warning content-length content-encoding content-language content-location expect
  connection svix-a x-svix-a x-amz-a x-google-a x-goog-a x-gfe-a x-azure-a x-fd-a`.split(/\s+/);
const NEARLY = ['x-googa', 'x-azure', 'x-amz', 'hosts', 'content-a', 'svix', 'webhook', 'proxy-authentication', 'x-amznb'];

/** Values at and beyond each limit. */
const CASES: Partial<EndpointValues>[] = [
  ...UIDS.map((uid) => ({ uid })),
  ...UIDS.filter((name) => name !== 'ep_a').map((name) => ({ eventTypes: [name] })),
  ...UIDS.filter((name) => name !== 'ep_a').map((name) => ({ channels: [name] })),
  ...[10, 11].map((count) => ({ channels: names(count) })),
  ...['1', '65535', '0', '65536', '-1', '1.5'].map((rate) => ({ rate })),
  ...[65_536, 65_537].map((length) => ({ description: 'a'.repeat(length) })),
  ...[23, 24, 75, 76].map((bytes) => ({ secret: secretOf(bytes) })),
  ...['whsec_', 'abc', 'whsec_*', 'whpk_abc'].map((secret) => ({ secret })),
  ...['X-Team', 'x team', 'Host', 'content-type', 'webhook-id', 'X-Amzn-Trace', 'Proxy-A', 'é', ...RESERVED, ...NEARLY].map(
    (name) => ({
      headers: header(name),
    }),
  ),
  ...['', 'a\nb', 'é', '€', 'a'.repeat(4096), 'a'.repeat(4097)].map((value) => ({ headers: header('X-Team', value) })),
];

describe('what the form of an endpoint tells before the request', () => {
  it.each(CASES.map((values) => [JSON.stringify(values).slice(0, 80), values] as const))(
    'is what the API would refuse: %s',
    (_text, values) => {
      const all = { ...GOOD, ...values };
      const told = Object.keys(problemsOf(all, { httpsOnly: false, refusedPorts: [] })).length > 0;
      expect(told).toBe(!endpointIn.safeParse(requestOf(all)).success);
    },
  );
});
