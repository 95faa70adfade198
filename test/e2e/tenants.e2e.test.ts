import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { belongings, type Belongings } from '../support/belongings.js';
import { randomOrgId } from '../support/factories.js';
import { called, operations, type KnownOperation } from '../support/operations.js';

/** Consumers are called as they like, by each application for itself. */
const FREE = ['consumer_id'];

let app: TestApp;
let own: Belongings;
let sibling: Belongings;
let foreign: Belongings;
let foreignToken: string;

beforeAll(async () => {
  app = await startApp();
  foreignToken = app.tokenFor(randomOrgId());
  [own, sibling, foreign] = await Promise.all([
    belongings(app, app.token),
    belongings(app, app.token),
    belongings(app, foreignToken),
  ]);
});
afterAll(() => app.stop());

const named = (wanted: (operation: KnownOperation) => boolean) =>
  operations()
    .filter((operation) => operation.path.includes('{') && operation.for !== 'everybody' && wanted(operation))
    .map((operation) => [operation.key, operation] as const);

/** What a PUT under an unknown id makes is new, and the caller's own. */
const notFound = ({ elsewhere }: KnownOperation, madeOne: boolean) => (elsewhere && madeOne ? elsewhere : 404);
/** What is for operators is refused to organisations, whatever ids they give. */
const refusal = (operation: KnownOperation) =>
  operation.for === 'operator' ? 403 : notFound(operation, !operation.path.includes('{app_id}/'));

describe('with the ids of another organisation', () => {
  it.each(named(() => true))('%s finds nothing', async (_key, operation) => {
    const stranger = app.tokenFor(randomOrgId());
    const { status } = await called(app, operation, foreign, stranger);
    expect(status).toBe(refusal(operation));
  });
});

describe("with the ids of another application of the organisation, an application's token at", () => {
  it.each(named(({ path, for: who }) => /\{(app|task)_id\}/.test(path) && who !== 'organization'))(
    '%s finds nothing',
    async (_key, operation) => {
      const { status } = await called(app, operation, sibling, app.appTokenFor(own.app_id));
      expect(status).toBe(404);
    },
  );
});

describe.each([
  ['another application', () => sibling],
  ['another organisation', () => foreign],
])('under its own application, with one id of %s', (_whose, others) => {
  const mixed = named(({ path }) => path.includes('{app_id}/')).flatMap(([key, operation]) =>
    [...operation.path.matchAll(/\{(\w+)\}/g)]
      .map(([, parameter]) => parameter as keyof Belongings)
      .filter((parameter) => parameter !== 'app_id' && !FREE.includes(parameter))
      .map((parameter) => [key, parameter, operation] as const),
  );

  it.each(mixed)('%s finds no %s', async (_key, parameter, operation) => {
    const { status } = await called(app, operation, { ...own, [parameter]: others()[parameter] }, app.token);
    expect(status).toBe(notFound(operation, true));
  });
});

describe('after all that', () => {
  it('what belongs to others is as it was', async () => {
    const theirs = app.as(foreignToken);
    const at = `/app/${foreign.app_id}`;
    expect((await theirs.get(at)).body).toMatchObject({ id: foreign.app_id, name: 'Shop' });
    expect((await theirs.get(`${at}/endpoint`)).body.data).toMatchObject([{ id: foreign.endpoint_id, description: '' }]);
    expect((await theirs.get(`${at}/msg`)).body.data).toMatchObject([{ id: foreign.msg_id, payload: { order: 42 } }]);
    // The service's own attempts may be more than one by now. What a stranger asked for would be manual.
    const attempts: { triggerType: number }[] = (await theirs.get(`${at}/attempt/msg/${foreign.msg_id}`)).body.data;
    expect(new Set(attempts.map(({ triggerType }) => triggerType))).toEqual(new Set([0]));
    expect((await theirs.get('/event-type')).body.data).toMatchObject([{ name: foreign.event_type_name, description: '' }]);
  });
});
