import { count, number } from '../format.js';

/** A number, or one as it was written. */
type Limit = number | { toString(): string };

/** Fractions have all their digits. */
function limit(value: Limit): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? number(BigInt(text)) : text;
}

export const eventTypes = {
  title: 'Event types',
  lead: 'What webhooks can tell you.',
  search: 'Search event types',
  searchHint: 'Name or description',
  found: (amount: number) => count(amount, 'event type', 'event types'),
  ungrouped: 'Others',
  deprecated: 'Deprecated',
  archived: 'Archived',
  columns: { name: 'Event type', group: 'Group', description: 'Description', endpoints: 'Endpoints' },
  goesTo: (amount: number) => (amount === 0 ? 'No endpoint of yours' : count(amount, 'endpoint', 'endpoints')),
  goesToMany: (amount: number) => `${number(amount)}+ endpoints`,
  empty: {
    title: 'No event types yet',
    text: 'The team behind these webhooks has not described them. Webhooks can be sent all the same.',
  },
  noMatch: (text: string) => `No event type has “${text}” in its name or description.`,
  clear: 'Show all',
  one: {
    missing: 'There is no event type with this name',
    missingText: 'It was removed, or this page may not see it.',
    noDescription: 'It has no description.',
    archivedText: 'It is archived: nothing new should be sent with it.',
    deprecatedText: 'It is deprecated: do not build on it any more.',
    facts: { group: 'Group', flags: 'Feature flags', updated: 'Changed' },
    version: 'Version',
    versionOf: (version: string) => `Version ${version}`,
    parts: 'Schema and example',
    fields: 'Fields',
    example: 'Example',
    raw: 'JSON schema',
    noSchema: 'No schema is given for this event type, so there is no list of its fields.',
    generated: 'Made from the schema: the values are not real.',
    payload: 'example payload',
    schema: 'JSON schema',
    endpoints: 'Your endpoints that get it',
    endpointsLead: 'Endpoints without a list of event types get all of them.',
    noEndpoint: 'None of your endpoints gets it. Add it to the event types of an endpoint.',
    toEndpoints: 'To the endpoints',
    channels: (names: string) => `only in the channels ${names}`,
    byList: 'has it in its list',
    byAll: 'gets all event types',
    disabled: 'Disabled',
    enabled: 'Enabled',
    send: 'Send this to an endpoint',
    sendHint: 'You choose there what is sent, and see the answer.',
    noEndpointYet: 'Add an endpoint first.',
  },
  tree: {
    required: 'required',
    deprecated: 'deprecated',
    any: 'anything',
    listOf: (type: string) => `list of ${type}`,
    or: ' or ',
    nothing: 'never',
    constant: (value: string) => `always ${value}`,
    oneOf: (values: string) => `one of ${values}`,
    by: (value: string) => `${value} if it is left out`,
    example: (value: string) => `for example ${value}`,
    pattern: (value: string) => `matches ${value}`,
    atLeast: (value: Limit) => `at least ${limit(value)}`,
    atMost: (value: Limit) => `at most ${limit(value)}`,
    above: (value: Limit) => `more than ${limit(value)}`,
    below: (value: Limit) => `less than ${limit(value)}`,
    characters: (least: number | undefined, most: number | undefined) => range(least, most, 'character', 'characters'),
    items: (least: number | undefined, most: number | undefined) => range(least, most, 'item', 'items'),
    choices: { oneOf: 'One of these', anyOf: 'Any of these' },
    choice: (at: number) => `Form ${at}`,
    others: 'any other name',
    noOthers: 'No other fields.',
    fields: (amount: number) => count(amount, 'field', 'fields'),
    forms: (amount: number) => count(amount, 'form', 'forms'),
    repeats: 'as above',
    noFields: 'No fields are described.',
    label: 'Fields of the payload',
  },
};

function range(least: number | undefined, most: number | undefined, one: string, other: string): string {
  if (least !== undefined && least === most) return `exactly ${count(least, one, other)}`;
  if (most === undefined) return `at least ${count(least ?? 0, one, other)}`;
  return least === undefined || least === 0
    ? `at most ${count(most, one, other)}`
    : `${number(least)} to ${count(most, one, other)}`;
}
