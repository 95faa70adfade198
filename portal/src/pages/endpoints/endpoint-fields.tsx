import { MAX_CHOICES, useEventTypeChoices } from '../../api/event-type-names.js';
import { NumberField, TextField } from '../../kit/field.js';
import { MultiSelect } from '../../kit/multi-select.js';
import * as texts from '../../texts/en.js';
import type { EndpointValues, Problems } from './endpoint-rules.js';

const words = texts.endpoints.form;

/** What all parts of the form take. */
export interface FieldsProps {
  values: EndpointValues;
  problems: Problems;
  onChange: (values: Partial<EndpointValues>) => void;
  readOnly?: boolean;
}

/** Where webhooks are sent, and which. */
export function MainFields({ values, problems, onChange, readOnly = false }: FieldsProps) {
  return (
    <>
      <TextField
        label={words.url.label}
        hint={words.url.hint}
        placeholder={words.url.placeholder}
        required
        mono
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        readOnly={readOnly}
        value={values.url}
        error={problems['url']}
        onChange={(url) => onChange({ url })}
      />
      <TextField
        label={words.description.label}
        hint={words.description.hint}
        readOnly={readOnly}
        value={values.description}
        error={problems['description']}
        onChange={(description) => onChange({ description })}
      />
      <EventTypes {...{ values, problems, onChange, readOnly }} />
    </>
  );
}

function EventTypes({ values, problems, onChange, readOnly = false }: FieldsProps) {
  const { data = [], error } = useEventTypeChoices();
  const options = data.map(({ name, description, groupName, deprecated }) => ({
    value: name,
    note: [groupName, description, deprecated ? words.eventTypes.deprecated : null].filter(Boolean).join(' · '),
  }));
  return (
    <MultiSelect
      label={words.eventTypes.label}
      hint={error ? words.eventTypes.failed : words.eventTypes.hint}
      placeholder={words.eventTypes.placeholder}
      options={options}
      creatable={error !== null || data.length >= MAX_CHOICES}
      readOnly={readOnly}
      value={values.eventTypes}
      typed={values.typedEventType}
      error={problems['eventTypes']}
      onChange={(eventTypes, typedEventType) => onChange({ eventTypes, typedEventType })}
    />
  );
}

/** What few endpoints need. */
export function MoreFields({ values, problems, onChange, readOnly = false }: FieldsProps) {
  return (
    <>
      <MultiSelect
        label={words.channels.label}
        hint={words.channels.hint}
        placeholder={words.channels.placeholder}
        options={[]}
        creatable
        readOnly={readOnly}
        value={values.channels}
        typed={values.typedChannel}
        error={problems['channels']}
        onChange={(channels, typedChannel) => onChange({ channels, typedChannel })}
      />
      <NumberField
        label={words.rate.label}
        hint={words.rate.hint}
        placeholder={words.rate.placeholder}
        readOnly={readOnly}
        value={values.rate}
        error={problems['rate']}
        onChange={(rate) => onChange({ rate })}
      />
      <TextField
        label={words.uid.label}
        hint={words.uid.hint}
        mono
        autoComplete="off"
        readOnly={readOnly}
        value={values.uid}
        error={problems['uid']}
        onChange={(uid) => onChange({ uid })}
      />
    </>
  );
}
