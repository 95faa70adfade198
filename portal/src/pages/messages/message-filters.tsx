import { useId, useState } from 'react';
import { useEndpointChoices, useEventTypeNames } from '../../api/message-story.js';
import { useAddress } from '../../kit/address.js';
import { AddressField } from '../../kit/address-field.js';
import { Button } from '../../kit/button.js';
import { Toolbar } from '../../kit/page.js';
import { Select } from '../../kit/select.js';
import * as texts from '../../texts/en.js';
import styles from './messages.module.css';
import { TimeField } from './time-field.js';
import { useAsked, useFilter } from './use-filter.js';

const { filters: words } = texts.messages;
const TIMES = Object.entries(words.times).map(([value, label]) => ({ value, label }));
const STATES = [
  { value: '', label: words.anyState },
  ...Object.entries(words.states).map(([value, label]) => ({ value, label })),
];

/**
 * What the list is narrowed to. All of it stands in the address. On a phone it opens with a button. `cleared` counts how often all was
 * cleared: the fields begin anew, and what was typed a moment before does not come back.
 */
export function MessageFilters({ cleared, onClear }: { cleared: number; onClear: () => void }) {
  const { set } = useFilter();
  const [open, setOpen] = useState(false);
  const panel = useId();
  return (
    <section aria-label={words.title} className={styles['filters']}>
      <div className={styles['narrowOnly']}>
        <Button small aria-expanded={open} aria-controls={panel} icon={open ? 'down' : 'right'} onClick={() => setOpen(!open)}>
          {words.more(set)}
        </Button>
      </div>
      <div id={panel} className={open ? styles['open'] : styles['closed']}>
        <Toolbar key={cleared}>
          <EventType />
          <EndpointAndState />
          <Typed name="channel" label={words.channel} />
          <Typed name="tag" label={words.tag} />
          <Times />
          {set > 0 && (
            <Button look="quiet" icon="cross" onClick={onClear}>
              {words.clear}
            </Button>
          )}
        </Toolbar>
        <Remark />
      </div>
    </section>
  );
}

/** Why there is no filter by state, or what the list leaves out. Its line is there from the beginning: the list is below. */
function Remark() {
  const [endpoint] = useAddress('endpoint');
  const [state] = useAddress('state');
  const { areFew, isUnknown } = useAsked();
  const why = isUnknown ? words.stateUnknown : words.stateNeeds;
  const listsAttempted = endpoint !== '' || (areFew && state !== '');
  return <p className={`muted ${styles['remark']}`}>{listsAttempted ? words.attemptedOnly : !areFew && why}</p>;
}

function EventType() {
  const names = useEventTypeNames();
  const id = useId();
  return (
    <>
      <Typed name="type" label={words.eventType} list={id} />
      <datalist id={id}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

function EndpointAndState() {
  const { data: endpoints = [] } = useEndpointChoices();
  const [endpoint, setEndpoint] = useAddress('endpoint');
  const [state, setState] = useAddress('state');
  const { areFew } = useAsked();
  const isKnown = endpoint === '' || endpoints.some(({ id }) => id === endpoint);
  const options = [
    { value: '', label: words.allEndpoints },
    ...endpoints.map(({ id, url }) => ({ value: id, label: url.replace(/^https?:\/\//, '') })),
    ...(isKnown ? [] : [{ value: endpoint, label: endpoint }]),
  ];
  return (
    <>
      <div className={styles['endpoint']}>
        <Select label={words.endpoint} options={options} value={endpoint} onChange={setEndpoint} />
      </div>
      {(endpoint !== '' || areFew) && (
        <Select
          label={words.state}
          options={STATES}
          value={Object.hasOwn(words.states, state) ? state : ''}
          onChange={setState}
        />
      )}
    </>
  );
}

function Times() {
  const [time, setTime] = useAddress('time', 'any');
  return (
    <>
      <Select label={words.time} options={TIMES} value={time} onChange={setTime} />
      {time === 'range' && (
        <>
          <TimeField name="from" label={words.from} />
          <TimeField name="to" label={words.to} />
        </>
      )}
    </>
  );
}

function Typed(props: { name: string; label: string; list?: string }) {
  return (
    <div className={styles['field']}>
      <AddressField {...props} />
    </div>
  );
}
