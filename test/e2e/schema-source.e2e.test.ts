import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { jsonText } from '../support/json-texts.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { randomOrgId } from '../support/tokens.js';

jest.setTimeout(120_000);
const WAIT_MS = 60_000;
const EXAMPLE = String.raw`{ "id" : 1152921506151679042, "a":1.10,"10":-0,"2":1e400, "\u0041":"\/", "a":2, "__proto__":{"b":null} }`;
const SCHEMA = `{ "type":"object", "minimum": 1.10, "maximum":18446744073709551615, "examples":[ ${EXAMPLE} , 1.0 ] }`;
const SCHEMAS = `{ "2": true, "1" : ${SCHEMA} }`;

let app: TestApp;
let token: string;

beforeAll(async () => {
  app = await startApp();
});
beforeEach(() => {
  token = app.tokenFor(randomOrgId());
});
afterAll(() => app?.stop());

/** The text of the answer, which no client has parsed. */
async function call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<string> {
  const authorization = `Bearer ${token}`;
  const answer = await fetch(`${app.url}/api/v1${path}`, { method, body: body ?? null, headers: { authorization, ...headers } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

const create = (schemas: string, name = 'order.paid') =>
  call('POST', '/event-type', `{"name":"${name}","description":"","schemas":${schemas}}`);
const spec = (media: string, more = '') =>
  `{"openapi":"3.1.0","webhooks":{"order.paid":{"post":{"requestBody":{"content":{"application/json":${media}}}}}}${more}}`;
const imported = (document: string) => call('POST', '/event-type/import/openapi', `{"spec":${document}}`);
const schemasShown = async () => /"schemas":(.*),"featureFlag":/s.exec(await call('GET', '/event-type/order.paid'))![1];

describe('the schemas of an event type', () => {
  it('are shown as they were written', async () => {
    const created = await create(SCHEMAS);
    const put = await call('PUT', '/event-type/order.put', `{"description":"","schemas":${SCHEMAS}}`);
    await create('{}', 'order.patched');
    const patched = await call('PATCH', '/event-type/order.patched', `{"schemas":${SCHEMAS}}`);
    const read = await call('GET', '/event-type/order.paid');
    const list = await call('GET', '/event-type?with_content=true');

    for (const answer of [created, put, patched, read]) expect(answer).toContain(`"schemas":${SCHEMAS},`);
    expect(list.split(`"schemas":${SCHEMAS},`)).toHaveLength(4);
  });

  it('stay as they are when something else is changed, and can be taken away', async () => {
    await create(SCHEMAS);

    expect(await call('PATCH', '/event-type/order.paid', '{"description":"new"}')).toContain(`"schemas":${SCHEMAS},`);
    expect(await call('PATCH', '/event-type/order.paid', '{"schemas":null}')).toContain('"schemas":null,');
  });

  it('are answered to a repetition in the same bytes', async () => {
    const body = `{"name":"order.paid","description":"","schemas":${SCHEMAS}}`;
    const headers = { 'idempotency-key': 'again' };
    const first = await call('POST', '/event-type', body, headers);

    expect(first).toContain(SCHEMAS);
    expect(await call('POST', '/event-type', body, headers)).toBe(first);
  });

  it('go to another environment as they were written', async () => {
    await create(SCHEMAS);
    const environment = await call('POST', '/environment/export');
    token = app.tokenFor(randomOrgId());
    await call('POST', '/environment/import', environment);

    expect(environment).toContain(`"schemas":${SCHEMAS},`);
    expect(await schemasShown()).toBe(SCHEMAS);
  });

  it('are judged as a whole, also under a name that means something to JavaScript', async () => {
    await expect(create('{"__proto__":{"readOnly":15}}')).rejects.toThrow('422');
    await expect(create('{"1":{"properties":{"__proto__":{"readOnly":15}}}}')).rejects.toThrow('422');
    expect(await create('{"__proto__":{"type":"object"}}')).toContain('"schemas":{"__proto__":{"type":"object"}},');
  });
});

describe('the schema of a webhook in an OpenAPI document', () => {
  it('is kept as it was written', async () => {
    await imported(spec(`{ "schema": ${SCHEMA} }`));

    expect(await schemasShown()).toBe(`{"1":${SCHEMA}}`);
  });

  it('is kept as it was written where the document came as text', async () => {
    await call('POST', '/event-type/import/openapi', JSON.stringify({ specRaw: spec(`{ "schema": ${SCHEMA} }`) }));

    expect(await schemasShown()).toBe(`{"1":${SCHEMA}}`);
  });

  it('is rewritten only where it refers to a component, or is no draft 7', async () => {
    const parts = '"Part": { "type":"number", "minimum": 1.10, "exclusiveMinimum":true, "multipleOf" : 0.10 }';
    await imported(
      spec(
        '{"schema":{"items":{"$ref":"#/components/schemas/Part"},"not":{ "const": 1.0 },"enum": [ 1.0 ]}}',
        `,"components":{"schemas":{${parts}}}`,
      ),
    );

    expect(await schemasShown()).toBe(
      '{"1":{"items":{"$ref":"#/definitions/Part"},"not":{ "const": 1.0 },"enum":[ 1.0 ],' +
        '"definitions":{"Part":{"type":"number","multipleOf":0.10,"exclusiveMinimum":1.10}}}}',
    );
  });

  it('has the examples of the document as they were written', async () => {
    const components = `,"components":{"examples":{"Named":{"value":${EXAMPLE}}}}`;
    const examples = '{"one":{"$ref":"#/components/examples/Named"},"two":{"value": 1.10}}';
    await imported(spec(`{"schema":{"type":"object"},"example": [1.0] ,"examples":${examples}}`, components));

    expect(await schemasShown()).toBe(`{"1":{"type":"object","examples":[[1.0],${EXAMPLE},1.10]}}`);
  });

  it('is told as it would be kept in a dry run', async () => {
    const answer = await call('POST', '/event-type/import/openapi', `{"dryRun":true,"spec":${spec(`{ "schema": ${SCHEMA} }`)}}`);

    expect(answer).toContain(`"schemas":{"1":${SCHEMA}}`);
  });

  it('counts as changed where only a number that JavaScript does not tell apart is another', async () => {
    const document = (id: string) => spec(`{"schema":{"examples":[${id}]}}`);
    await imported(document('1152921506151679042'));

    expect(await imported(document('1152921506151679042'))).toContain('"modified":[]');
    expect(await imported(document('1152921506151679000'))).toContain('"modified":["order.paid"]');
  });

  it('may have any pattern of ECMA 262', async () => {
    const pattern = JSON.stringify('^[\\w-\\.]+\\@\\d{4}\\-$');

    expect(await imported(spec(`{"schema":{"pattern":${pattern}}}`))).toContain('order.paid');
    expect(await schemasShown()).toBe(`{"1":{"pattern":${pattern}}}`);
  });
});

describe('an example', () => {
  let receiver: Receiver;
  let appId: string;
  let endpointId: string;

  beforeEach(async () => {
    receiver = await startReceiver();
    const api = app.as(token);
    appId = (await anApplication({ api })).id;
    endpointId = (await anEndpoint({ api }, appId, { url: receiver.url })).id;
  });
  afterEach(() => receiver.stop());

  const send = (exampleIndex: number) =>
    call('POST', `/app/${appId}/endpoint/${endpointId}/send-example`, JSON.stringify({ eventType: 'order.paid', exampleIndex }));
  const delivered = async (count: number) => (await receiver.got(count, WAIT_MS)).map(({ body }) => body.toString());

  it('is sent as it was written, and the message shows it so', async () => {
    await create(SCHEMAS);
    const { id } = JSON.parse(await send(0)) as { id: string };

    expect(await delivered(1)).toEqual([EXAMPLE]);
    expect(await call('GET', `/app/${appId}/msg/${id}`)).toContain(`"payload":${EXAMPLE},`);
  });

  it('of an OpenAPI document is sent as it was written', async () => {
    await imported(spec(`{"schema":{"type":"object"},"examples":{"a":{"value":${EXAMPLE}}}}`));
    await send(0);

    expect(await delivered(1)).toEqual([EXAMPLE]);
  });

  it('is sent as it was written, whatever it is', async () => {
    const examples = fc.sample(jsonText, { seed: 1, numRuns: 20 });
    await create(`{"1":{"examples":[${examples.join(' , ')}]}}`);
    for (let index = 0; index < examples.length; index++) await send(index);

    expect((await delivered(examples.length)).sort()).toEqual(examples.toSorted());
  });
});
