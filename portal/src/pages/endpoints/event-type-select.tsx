import { useId, useState } from 'react';
import type { EventTypeChoice } from '../../api/event-type-names.js';
import { PING } from '../../api/endpoint-example.js';
import { TextField } from '../../kit/field.js';
import * as texts from '../../texts/en.js';
import styles from './endpoint.module.css';

const words = texts.endpoints.page.testing;

/** The event type whose example is sent: one that is suggested, or any that is typed, as a catalogue may be longer than the suggestions. */
export function EventTypeSelect(props: { types: readonly EventTypeChoice[]; value: string; onChange: (name: string) => void }) {
  const { types, value, onChange } = props;
  const [typed, setTyped] = useState(value === PING ? '' : value);
  const id = useId();
  return (
    <div className={styles['type']}>
      <TextField
        label={words.eventType}
        type="search"
        placeholder={words.ping}
        list={id}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(text) => {
          setTyped(text);
          onChange(text.trim() || PING);
        }}
      />
      <datalist id={id}>
        {types.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  );
}
