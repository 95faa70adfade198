import type { EventTypeChoice } from '../../api/event-type-names.js';
import { PING } from '../../api/endpoint-example.js';
import { Select } from '../../kit/select.js';
import * as texts from '../../texts/en.js';

const words = texts.endpoints.page.testing;

/** The event type whose example is sent. */
export function EventTypeSelect(props: { types: readonly EventTypeChoice[]; value: string; onChange: (name: string) => void }) {
  const { types, value, onChange } = props;
  const names = types.map(({ name }) => name).filter((name) => name !== PING);
  const known = value === PING || names.includes(value) ? names : [value, ...names];
  const options = [{ value: PING, label: words.ping }, ...known.map((name) => ({ value: name, label: name }))];
  return <Select label={words.eventType} options={options} value={value} onChange={onChange} />;
}
