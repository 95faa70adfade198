import { useState, type ReactNode } from 'react';
import { Badge } from '../../kit/status.js';
import * as texts from '../../texts/en.js';
import styles from './event-types.module.css';
import { limitsOf, typeText } from './field-words.js';
import { fieldsOf, itemsOf, requiredOf, resolved, type Schema, type Scope } from './schema.js';

const words = texts.eventTypes.tree;
/** Deeper fields are folded. */
const OPEN_TO = 1;

/** The fields that a JSON Schema describes, as a tree that can be unfolded. */
export function SchemaTree({ schema: root }: { schema: Schema }) {
  const { schema, scope } = resolved(root, { root, seen: [] });
  const inner = insideOf(schema, scope, 0);
  return (
    <div className={styles['root']} role="region" aria-label={words.label}>
      {inner ?? <p className="muted">{words.noFields}</p>}
    </div>
  );
}

/** What stands below a value: the fields of an object, or of the items of a list, or the forms that it may have. */
function insideOf(schema: Schema, scope: Scope, depth: number): ReactNode {
  const items = itemsOf(schema);
  if (items !== null) {
    const item = resolved(items, scope);
    return item.repeats ? null : insideOf(item.schema, item.scope, depth);
  }
  const fields = fieldsOf(schema);
  const choices = choicesOf(schema);
  if (fields.length === 0 && choices.length === 0) return null;
  return (
    <ul className={styles['tree']}>
      {fields.map(([name, field]) => (
        <Field key={name} {...{ name, field, scope, depth }} required={requiredOf(schema).includes(name)} />
      ))}
      {choices.map(({ kind, forms }) => (
        <li key={kind} className={styles['field']}>
          <span className="muted">{words.choices[kind]}</span>
          <ul className={styles['tree']}>
            {forms.map((form, at) => (
              <Field key={at} field={form} name={titleOf(form, scope) ?? words.choice(at + 1)} {...{ scope, depth }} />
            ))}
          </ul>
        </li>
      ))}
      {schema.additionalProperties === false && fields.length > 0 && <li className={styles['limits']}>{words.noOthers}</li>}
    </ul>
  );
}

function choicesOf(schema: Schema): { kind: 'oneOf' | 'anyOf'; forms: (Schema | boolean)[] }[] {
  return (['oneOf', 'anyOf'] as const).flatMap((kind) => {
    const forms = schema[kind];
    return Array.isArray(forms) ? [{ kind, forms }] : [];
  });
}

function titleOf(form: Schema | boolean, scope: Scope): string | undefined {
  const { title } = resolved(form, scope).schema;
  return typeof title === 'string' ? title : undefined;
}

function Field(props: { name: string; field: Schema | boolean; scope: Scope; depth: number; required?: boolean }) {
  const { name, field, depth, required } = props;
  const { schema, scope, repeats } = resolved(field, props.scope);
  const [open, setOpen] = useState(depth < OPEN_TO);
  const limits = repeats ? [] : limitsOf(schema);
  const hasInside = !repeats && field !== false && (countOf(schema, scope) > 0 || choicesOf(schema).length > 0);
  return (
    <li className={styles['field']}>
      <span className={styles['name']}>{name}</span>{' '}
      <span className={styles['type']}>
        {repeats ? words.repeats : field === false ? words.nothing : typeText(schema, scope)}
      </span>{' '}
      {required && <span className={styles['required']}>{words.required}</span>}{' '}
      {schema.deprecated && <Badge>{words.deprecated}</Badge>}
      {typeof schema.description === 'string' && <p>{schema.description}</p>}
      {limits.length > 0 && <p className={styles['limits']}>{limits.join(' · ')}</p>}
      {hasInside && (
        <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>{insideText(schema, scope)}</summary>
          {open && insideOf(schema, scope, depth + 1)}
        </details>
      )}
    </li>
  );
}

function insideText(schema: Schema, scope: Scope): string {
  const fields = countOf(schema, scope);
  return fields > 0 ? words.fields(fields) : words.forms(choicesOf(schema).reduce((sum, { forms }) => sum + forms.length, 0));
}

function countOf(schema: Schema, scope: Scope): number {
  const items = itemsOf(schema);
  if (items === null) return fieldsOf(schema).length;
  const item = resolved(items, scope);
  return item.repeats ? 0 : countOf(item.schema, item.scope);
}
