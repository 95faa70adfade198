import { count, number } from '../../format.js';

export const catalogue = {
  lead: 'What your customers can hear of. Give each a schema and an example: they see it before they write code.',
  search: 'Search',
  archived: 'Show archived',
  create: 'Add event type',
  import: 'Import OpenAPI',
  columns: { name: 'Name', description: 'Description', group: 'Group', state: 'State', changed: 'Changed', actions: 'Actions' },
  states: { current: 'Current', deprecated: 'Deprecated', archived: 'Archived' },
  empty: {
    title: 'No event types yet',
    text: 'Add one, or import those of your OpenAPI document. Archived ones are shown with the switch.',
  },
  nothing: { title: 'No event type is like this', text: 'Search for another part of its name.' },
  actions: (name: string) => `Actions for ${name}`,
  edit: 'Edit',
  archive: 'Archive',
  restore: 'Restore',
  expunge: 'Delete for good',
  archivedNow: (name: string) => `${name} is archived`,
  restored: (name: string) => `${name} is restored`,
  deleted: (name: string) => `${name} is deleted`,
  saved: (name: string) => `${name} is saved`,
  confirmExpunge: {
    title: 'Delete this event type for good?',
    text: 'Its description, schema and example are gone. Endpoints that filter by it keep the name. Archive it instead to hide it only.',
  },
  form: {
    create: 'Add event type',
    edit: (name: string) => `Edit ${name}`,
    name: 'Name',
    nameHint: 'Such as invoice.paid: letters, digits, “.”, “_” and “-”.',
    tooManyFlags: (max: number) => `At most ${number(max)} flags`,
    description: 'Description',
    descriptionHint: 'What has happened when it is sent.',
    noDescription: 'Say what has happened',
    group: 'Group',
    groupHint: 'Event types of one group stand together.',
    flags: 'Feature flags',
    flagsHint: 'Only customers with one of these flags see it. Commas between them; empty for all.',
    deprecated: 'Deprecated: customers should not use it any more',
    schema: (version: string) => `JSON schema, version ${version}`,
    schemaHint: 'JSON Schema, draft 7. Empty for none.',
    example: 'Example payload',
    exampleHint: 'JSON. It is shown to customers, and sent as a test event.',
    badJson: (reason: string) => `This is no JSON: ${reason}`,
    notObject: 'A schema is a JSON object: { … }',
    examplesApart: 'Leave “examples” out, and give the example in the field above: it becomes a part of the schema',
    save: 'Save',
  },
  importing: {
    title: 'Import from an OpenAPI document',
    text: 'The webhooks of the document become event types, with their schemas and examples.',
    file: 'Choose a file',
    document: 'Document, JSON or YAML',
    replaceAll: 'Archive event types that are not in the document',
    check: 'See what would change',
    apply: (changed: number, archived: number) =>
      changed === 0
        ? `Archive ${count(archived, 'event type', 'event types')}`
        : `Import ${count(changed, 'event type', 'event types')}${archived === 0 ? '' : `, archive ${number(archived)}`}`,
    nothing: 'Nothing would change',
    nothingText:
      'Event types are made from “webhooks” of the document. It has none, or the event types are like this already. The reference (/docs) has an example.',
    wrapped: 'Paste what is inside “spec”: the document itself',
    missing: 'Paste a document or choose a file',
    would: (types: number) => `${count(types, 'event type', 'event types')} would be added or changed`,
    wouldArchive: (types: number) =>
      `${count(types, 'event type', 'event types')} would be archived: customers no longer see them`,
    done: (changed: number, archived: number) =>
      [
        changed > 0 ? `${count(changed, 'event type', 'event types')} imported` : '',
        archived > 0 ? `${count(archived, 'event type', 'event types')} archived` : '',
      ]
        .filter(Boolean)
        .join(', '),
    schema: 'with schema',
  },
};
