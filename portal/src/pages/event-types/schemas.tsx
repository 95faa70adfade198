import { useMemo } from 'react';
import { formatted, parsedExactly } from '../../api/json-source.js';
import { useAddress } from '../../kit/address.js';
import { JsonView } from '../../kit/code-block.js';
import { Select } from '../../kit/select.js';
import { Tabs, type TabItem } from '../../kit/tabs.js';
import * as texts from '../../texts/en.js';
import styles from './event-types.module.css';
import { exampleOf } from './example.js';
import type { Schema } from './schema.js';
import { SchemaTree } from './schema-tree.js';

const words = texts.eventTypes.one;

/** Schemas by version, as JSON: the fields in words, an example, and the text of the schema. */
export function Schemas({ schemas }: { schemas: Record<string, string> }) {
  const versions = Object.keys(schemas).toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const [given, setVersion] = useAddress('version', versions[0]);
  const version = versions.includes(given) ? given : (versions[0] ?? '');
  const source = schemas[version];
  const read = useMemo(() => (source === undefined ? null : readSource(source)), [source]);
  if (!read) return <p className="muted">{words.noSchema}</p>;
  return (
    <>
      {versions.length > 1 && (
        <div className={styles['version']}>
          <Select
            label={words.version}
            options={versions.map((value) => ({ value, label: words.versionOf(value) }))}
            value={version}
            onChange={(next) => setVersion(next)}
          />
        </div>
      )}
      <Tabs label={words.parts} name="part" items={partsOf(version, read)} />
    </>
  );
}

interface Read {
  schema: Schema;
  example: ReturnType<typeof exampleOf>;
  text: string;
}

function readSource(source: string): Read {
  const schema = parsedExactly(source) as Schema;
  return { schema, example: exampleOf(schema, source), text: formatted(source) };
}

function partsOf(version: string, { schema, example, text }: Read): TabItem[] {
  const parts: TabItem[] = [{ id: 'fields', label: words.fields, content: () => <SchemaTree key={version} schema={schema} /> }];
  if (example) parts.push({ id: 'example', label: words.example, content: () => <Example {...example} /> });
  return [...parts, { id: 'schema', label: words.raw, content: () => <JsonView value={text} thing={words.schema} /> }];
}

function Example({ json, generated }: { json: string; generated: boolean }) {
  return (
    <>
      {generated && <p className="muted">{words.generated}</p>}
      <JsonView value={json} thing={words.payload} />
    </>
  );
}
