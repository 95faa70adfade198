import { randomUUID } from 'node:crypto';
import { newId } from '../../../src/domain/ids.js';
import type { Answer } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { idsAt, operations, type KnownOperation } from '../../support/operations.js';
import { until } from '../../support/until.js';

const HOUR_MS = 3_600_000;
const ANSWER_MS = 60_000;
const time = (hoursAgo: number) => encodeURIComponent(new Date(Date.now() - hoursAgo * HOUR_MS).toISOString());

/** Values of the parameters of lists. A new parameter needs a value here. */
const VALUES: Record<string, string[]> = {
  limit: ['250'],
  order: ['ascending', 'descending', 'failing', 'slow'],
  before: [time(0)],
  after: [time(1_000)],
  since: [time(1_000)],
  until: [time(0)],
  channel: ['rare'],
  tag: ['rare'],
  event_type: ['order.rare'],
  event_types: ['order.rare', 'order.rare,order.paid'],
  status: ['0', '1', '2', '3', 'running', 'finished'],
  status_code_class: ['0', '200', '500'],
  with_content: ['true', 'false'],
  with_msg: ['true'],
  include_archived: ['true'],
  include_waiting: ['true'],
  exclude_apps_with_no_endpoints: ['true'],
  exclude_apps_with_disabled_endpoints: ['true'],
  kind: ['delivery', 'task'],
  task: ['endpoint.recover'],
  operation: ['op.1'],
  token_id: ['t1'],
  key_id: ['key-8'],
  app_id: ['{app_id}'],
  endpoint_id: ['{endpoint_id}'],
  org_id: ['{org_id}'],
  q: ['{app_id}', '{endpoint_id}', '{msg_id}', 'Shop', newId('msg_')],
};
/** The direction in which a list is read. */
const DIRECTIONS = ['', 'before', 'after', 'iterator', '-iterator'];
/** What changes how a list is found: it is also asked for in the other direction. */
const FILTERS = [
  'order',
  'channel',
  'tag',
  'event_type',
  'event_types',
  'status',
  'status_code_class',
  'app_id',
  'operation',
  'key_id',
];

interface Parameter {
  name: string;
  in: string;
}

/** Calls every operation that reads, with each value of each of its parameters, alone and in each direction of reading. */
export async function readEverything(app: TestApp, ids: Record<string, string>): Promise<void> {
  const document = await answered(() => app.root.get('/api/v1/openapi.json'));
  for (const operation of operations().filter(({ method, for: whom }) => method === 'GET' && whom !== 'everybody')) {
    const parameters: Parameter[] = document.paths[operation.path]?.get?.parameters ?? [];
    const names = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    for (const token of tokensFor(app, operation)) await readOne(app, { operation, names, token }, ids);
  }
}

/** The body of the answer. A busy machine refuses requests, which are repeated. */
function answered(ask: () => Promise<Answer>): Promise<any> {
  const look = async () => {
    const { status, body } = await ask();
    return status < 500 && { body };
  };
  return until(look, ANSWER_MS, 'an answer').then(({ body }) => body);
}

function tokensFor(app: TestApp, operation: KnownOperation): string[] {
  if (operation.for === 'operator') return [app.operatorToken()];
  return operation.for === 'organization or operator' ? [app.token, app.operatorToken()] : [app.token];
}

async function readOne(
  app: TestApp,
  { operation, names, token }: { operation: KnownOperation; names: readonly string[]; token: string },
  ids: Record<string, string>,
): Promise<void> {
  const known = idsAt(operation.path, ids);
  const filled = (part: string) => part.replaceAll(/\{(\w+)\}/g, (_all, name: string) => known[name] ?? 'nobody');
  const path = filled(operation.path);
  const get = (query: string) => answered(() => app.as(token).get(`${path.slice('/api/v1'.length)}?${query}`));
  const first = await get('');
  const values = (name: string) => {
    if (name === 'iterator') return typeof first?.iterator === 'string' ? [encodeURIComponent(first.iterator)] : [];
    const found = VALUES[name];
    if (!found) throw new Error(`${operation.key}: no value for the parameter ${name}; write one into VALUES.`);
    return found.map(filled);
  };
  const directions = DIRECTIONS.filter((one) => one === '' || names.includes(one.replace('-', ''))).flatMap((one) => {
    if (one === '') return [''];
    const sign = one.startsWith('-') ? '-' : '';
    return values(one.replace('-', ''))
      .slice(0, 1)
      .map((value) => `${one.replace('-', '')}=${sign}${value}`);
  });
  const queries = new Set(directions);
  for (const name of names.filter((one) => one !== 'iterator'))
    for (const value of values(name))
      for (const direction of FILTERS.includes(name) ? ['', ...directions.slice(-1)] : [''])
        queries.add(`${direction}&${name}=${value}`);
  for (const query of queries) await get(query);
}

/** Calls the operations that look for rows in the background, or that count them. Answers the background tasks that were begun. */
export async function workEverything(app: TestApp, ids: Record<string, string>): Promise<string[]> {
  const tasks: string[] = [];
  const since = new Date(Date.now() - 10 * HOUR_MS).toISOString();
  const own = `/app/${ids['app_id']}`;
  const endpoint = `${own}/endpoint/${ids['endpoint_id']}`;
  for (const [path, body] of [
    [`${endpoint}/recover`, { since }],
    [`${endpoint}/replay-missing`, { since }],
    [`${endpoint}/bulk-replay`, { since }],
    ['/stats/usage/app', { since, until: new Date().toISOString() }],
    [`${own}/msg`, { eventType: 'order.paid', payload: {}, eventId: randomUUID() }],
    [`${own}/msg/batch`, [{ eventType: 'order.paid', payload: {} }]],
    [`${own}/msg/${ids['msg_id']}/endpoint/${ids['endpoint_id']}/resend`, {}],
    [`${own}/msg/precheck/active`, { eventType: 'order.paid' }],
    [`${own}/msg/expunge-all-contents`, {}],
    ['/admin/dead-letter/nothing/redrive', {}],
  ] as const) {
    const answer = await answered(() => app.api.post(path, body));
    if (typeof answer?.id === 'string' && answer.id.startsWith('qtask_')) tasks.push(answer.id);
  }
  const usage = await answered(() => app.api.put('/stats/usage/event-types'));
  return typeof usage?.id === 'string' ? [...tasks, usage.id] : tasks;
}
