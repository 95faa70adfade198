import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Endpoint } from '../../api/endpoints.js';
import type { List } from '../../api/list.js';
import { useAddress } from '../../kit/address.js';
import { keepFocus } from '../../kit/after.js';
import { AddressField } from '../../kit/address-field.js';
import { Button } from '../../kit/button.js';
import { Toolbar } from '../../kit/page.js';
import { Select } from '../../kit/select.js';
import * as texts from '../../texts/en.js';
import styles from './endpoints.module.css';

const words = texts.endpoints.filters;
const ANY = '';
const STATES = ['enabled', 'disabled'];
/** Endpoints beyond are not read for a filter: each page is a request. */
const MAX_READ = 1_000;

/** What the list is narrowed to. It stands in the address. */
export interface EndpointFilter {
  rows: Endpoint[];
  all: readonly Endpoint[];
  hasMore: boolean;
  isActive: boolean;
  eventType: [string, (value: string) => void];
  channel: [string, (value: string) => void];
  state: [string, (value: string) => void];
  clear(): void;
  /** How often. What was typed a moment before does not come back. */
  cleared: number;
}

/** Narrows the list on the page: the API's list has no filters. While a filter is set, the other pages are read too. */
export function useEndpointFilter(list: List<Endpoint>): EndpointFilter {
  const [search] = useAddress('q');
  const eventType = useAddress('type');
  const channel = useAddress('channel');
  const state = useAddress('state');
  const [, setAll] = useSearchParams();
  const [cleared, setCleared] = useState(0);
  const isActive = [search, eventType[0], channel[0], state[0]].some((value) => value !== ANY);
  const { rows, hasMore, loadingMore, fault, more } = list;
  const wantsMore = isActive && hasMore && !loadingMore && fault === null && rows.length < MAX_READ;
  useEffect(() => {
    if (wantsMore) more();
  });
  const found = rows.filter(
    (row) =>
      isFound(row, search) &&
      (eventType[0] === ANY || !row.eventTypes || row.eventTypes.includes(eventType[0])) &&
      (channel[0] === ANY || !row.channels || row.channels.includes(channel[0])) &&
      (!STATES.includes(state[0]) || (state[0] === 'disabled') === (row.disabled ?? false)),
  );
  const clear = () => {
    setCleared(cleared + 1);
    setAll({}, { replace: true });
    keepFocus();
  };
  return { rows: found, all: rows, hasMore, isActive, eventType, channel, state, clear, cleared };
}

function isFound({ url, description, id, uid }: Endpoint, text: string): boolean {
  return `${url}\n${description}\n${id}\n${uid ?? ''}`.toLowerCase().includes(text.trim().toLowerCase());
}

/** Search, and a choice of event type, channel and state. A choice that no endpoint has is not offered. */
export function EndpointFilters({ filter }: { filter: EndpointFilter }) {
  const { all, rows, hasMore, isActive, eventType, channel, state, clear, cleared } = filter;
  return (
    <div className={styles['filters']}>
      <Toolbar key={cleared}>
        <div className={styles['search']}>
          <AddressField name="q" label={words.search} type="search" placeholder={words.searchHint} />
        </div>
        <Select
          label={words.eventType}
          options={optionsOf(all, 'eventTypes', words.anyEventType, eventType[0])}
          value={eventType[0]}
          onChange={eventType[1]}
        />
        <Select
          label={words.channel}
          options={optionsOf(all, 'channels', words.anyChannel, channel[0])}
          value={channel[0]}
          onChange={channel[1]}
        />
        <Select
          label={words.state}
          options={[
            { value: ANY, label: words.anyState },
            { value: 'enabled', label: texts.endpoints.states.enabled },
            { value: 'disabled', label: texts.endpoints.states.disabled },
          ]}
          value={state[0]}
          onChange={state[1]}
        />
      </Toolbar>
      <div className={styles['found']} role="status">
        {isActive && (
          <>
            <span className="muted">{words.found(rows.length, all.length, hasMore)}</span>
            <Button small look="quiet" onClick={clear}>
              {words.clear}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

function optionsOf(all: readonly Endpoint[], list: 'eventTypes' | 'channels', any: string, chosen: string) {
  const names = new Set(all.flatMap((endpoint) => endpoint[list] ?? []));
  if (chosen !== ANY) names.add(chosen);
  return [{ value: ANY, label: any }, ...[...names].sort().map((name) => ({ value: name, label: name }))];
}
