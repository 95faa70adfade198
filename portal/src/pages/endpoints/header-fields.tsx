import { Button, IconButton } from '../../kit/button.js';
import { TextField } from '../../kit/field.js';
import * as texts from '../../texts/en.js';
import type { HeaderRow, Problems } from './endpoint-rules.js';
import styles from './form.module.css';

const words = texts.endpoints.form.headers;

/** Custom headers: a row for each, with its name and its value. */
export function HeaderFields(props: {
  rows: readonly HeaderRow[];
  onChange: (rows: HeaderRow[]) => void;
  problems: Problems;
  cannot: string | null;
}) {
  const { rows, onChange, problems, cannot } = props;
  const change = (at: number, next: Partial<HeaderRow>) =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...next } : row)));
  const add = () => onChange([...rows, { key: crypto.randomUUID(), name: '', value: '', was: null, hidden: false }]);
  return (
    <fieldset className={styles['headers']}>
      <legend>{words.label}</legend>
      <p className={styles['hint']}>{words.hint}</p>
      {rows.map((row, at) => (
        <div key={row.key} className={styles['header']}>
          <TextField
            label={words.nameOf(at + 1)}
            labelUnseen
            mono
            placeholder={words.name}
            autoComplete="off"
            spellCheck={false}
            value={row.name}
            readOnly={row.was !== null || cannot !== null}
            error={problems[`headers.${row.key}`]}
            onChange={(name) => change(at, { name: name.trim() })}
          />
          <TextField
            label={words.valueOf(row.name, at + 1)}
            labelUnseen
            mono
            placeholder={row.hidden ? words.hidden : words.value}
            autoComplete="off"
            spellCheck={false}
            value={row.value}
            readOnly={cannot !== null}
            onChange={(value) => change(at, { value })}
          />
          <IconButton
            label={words.remove(row.name)}
            icon="cross"
            cannot={cannot}
            onClick={() => onChange(rows.filter((other) => other !== row))}
          />
        </div>
      ))}
      {problems['headers'] !== undefined && (
        <p role="alert" className={styles['problem']}>
          {problems['headers']}
        </p>
      )}
      <div>
        <Button small icon="plus" cannot={cannot} onClick={add}>
          {words.add}
        </Button>
      </div>
    </fieldset>
  );
}
