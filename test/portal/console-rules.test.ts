import { describe, expect, it } from '@jest/globals';
import { applicationIn } from '../../src/api/http-support/application-in.js';
import { apiTokenIn } from '../../src/api/auth/api-token.schemas.js';
import { eventTypeIn } from '../../src/api/event-type/event-type.schemas.js';
import { textProblem } from '../../portal/src/api/text-rules.js';
import { changesOf, draftOf, problemsOf } from '../../portal/src/pages/console/event-types/draft.js';
import { applicationProblems, keyProblems } from '../../portal/src/pages/console/shared/rules.js';

const NAMES = ['a', 'a.b-c_d', 'a b', 'app_a', '..', '.', 'é', 'a,b', 'a'.repeat(256), 'a'.repeat(257)];
const TEXTS = ['a', 'é 漢', 'a\nb\tc', 'a\u0001b', 'a\u0008', 'a\u0009b', 'a'.repeat(65_536), 'a'.repeat(65_537)];
const KEY_NAMES = [...TEXTS, 'a'.repeat(255), 'a'.repeat(256)];

const isTold = (problems: object) => Object.values(problems).some((problem) => problem !== null);
const shown = (values: object) => JSON.stringify(values).slice(0, 80);
const cases = <T extends object>(values: readonly T[]) => values.map((one) => [shown(one), one] as const);

describe('what a form of the console tells before the request is what the API would refuse', () => {
  const applications = [...TEXTS.map((name) => ({ name, uid: '' })), ...NAMES.map((uid) => ({ name: 'Acme', uid }))];
  it.each(cases([...applications, { name: ' ', uid: '' }]))('of an application: %s', (_text, { name, uid }) => {
    const asked = applicationIn.safeParse({ name: name.trim(), ...(uid !== '' && { uid }) });

    expect(isTold(applicationProblems({ name, uid }))).toBe(!asked.success);
  });

  const keys = [...KEY_NAMES.map((name) => ({ name, appId: '' })), ...NAMES.map((appId) => ({ name: 'Billing', appId }))];
  it.each(cases([...keys, { name: ' ', appId: '' }]))('of an API key: %s', (_text, { name, appId }) => {
    const asked = apiTokenIn.safeParse({ name: name.trim(), scopes: ['send'], appId: appId.trim() || null, expiry: null });

    expect(isTold(keyProblems({ name, appId }))).toBe(!asked.success);
  });

  const flags = (count: number) => Array.from({ length: count }, (_, at) => `f${at}`).join(',');
  const types = [
    ...NAMES.map((name) => ({ name })),
    ...NAMES.map((group) => ({ group })),
    ...NAMES.map((one) => ({ flags: `beta, ${one}` })),
    ...TEXTS.map((description) => ({ description })),
    { flags: flags(1_000) },
    { flags: flags(1_001) },
    { name: '' },
    { schema: '[]' },
    { schema: '{"type":"object"}' },
  ];
  it.each(cases(types))('of an event type: %s', (_text, typed) => {
    const draft = { ...draftOf(null), name: 'order.paid', description: 'An order was paid', ...typed };
    // The form gives schemas as text, which is sent as it is.
    const { schemas: _schemas, ...sent } = changesOf(draft, null);
    const asked = eventTypeIn.safeParse({ ...sent, ...(draft.schema !== '' && { schemas: JSON.parse(draft.schema) as object }) });

    expect(isTold(problemsOf(draft))).toBe(!asked.success);
  });

  it('of an endpoint of the team: its description', () => {
    expect(TEXTS.map((text) => textProblem(text) === null)).toEqual([true, true, true, false, false, true, true, false]);
  });
});
