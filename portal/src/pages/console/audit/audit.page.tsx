import { useState, type FormEvent } from 'react';
import { useSearchParams } from 'react-router';
import { useAudit, type AuditEntry, type AuditFilter, type Outcome } from '../../../api/console/audit.js';
import { useRole } from '../../../api/console/role.js';
import { Button } from '../../../kit/button.js';
import { DataTable, type Column } from '../../../kit/data-table.js';
import { Dialog } from '../../../kit/dialog.js';
import { TextField } from '../../../kit/field.js';
import { isoOf, localOf } from '../../../kit/local-time.js';
import { Page, Toolbar } from '../../../kit/page.js';
import { Empty } from '../../../kit/states.js';
import { Status, type Tone } from '../../../kit/status.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import { AuditDetails } from './audit-details.js';

const words = texts.console.audit;
const TONES: Record<Outcome, Tone> = { succeeded: 'good', refused: 'waiting', failed: 'bad', unknown: 'off' };
/** Filters as they stand in the address, which is as the API calls them. */
const NAMES = ['operation', 'app_id', 'token_id', 'org_id', 'before'] as const;

const COLUMNS: readonly Column<AuditEntry>[] = [
  { id: 'time', title: words.columns.time, width: '120px', cell: ({ timestamp }) => <Time at={new Date(timestamp)} /> },
  { id: 'operation', title: words.columns.operation, cell: ({ operation }) => <code title={operation}>{operation}</code> },
  { id: 'actor', title: words.columns.actor, width: '160px', from: 'tablet', cell: ({ actor }) => words.actors[actor] },
  {
    id: 'object',
    title: words.columns.object,
    width: '28%',
    from: 'desktop',
    cell: (entry) => <code title={objectOf(entry)}>{objectOf(entry)}</code>,
  },
  {
    id: 'outcome',
    title: words.columns.outcome,
    width: '110px',
    from: 'tablet',
    cell: ({ outcome }) => <Status tone={TONES[outcome]}>{words.outcomes[outcome]}</Status>,
  },
];

/** Who changed what, with the filters in the address. */
export default function AuditPage() {
  const [search, setSearch] = useSearchParams();
  const filter = Object.fromEntries(NAMES.map((name) => [name, search.get(name)])) as unknown as AuditFilter;
  const list = useAudit({ ...filter, before: isoOf(filter.before ?? '') });
  const isNarrowed = NAMES.some((name) => search.has(name));
  const shown = list.rows.find(({ id }) => id === search.get('open'));
  const withOpen = (id: string | null) => {
    const next = new URLSearchParams(search);
    if (id === null) next.delete('open');
    else next.set('open', id);
    return next;
  };
  const { title, text } = isNarrowed ? words.nothing : words.empty;
  return (
    <Page title={words.title} lead={words.lead}>
      <Filters key={NAMES.map((name) => search.get(name)).join()} filter={filter} onChange={(next) => setSearch(next)} />
      <DataTable
        label={words.title}
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowLink={({ id }) => `?${withOpen(id)}`}
        empty={
          <Empty icon="audit" title={title}>
            {text}
          </Empty>
        }
      />
      {search.has('open') && !list.loading && !shown && <p role="status">{texts.kit.notListed}</p>}
      <Dialog open={shown !== undefined} onClose={() => setSearch(withOpen(null))} title={words.details.title} wide>
        {shown && <AuditDetails entry={shown} />}
      </Dialog>
    </Page>
  );
}

function Filters({ filter, onChange }: { filter: AuditFilter; onChange: (filter: Record<string, string>) => void }) {
  const [given, setGiven] = useState<Partial<Record<keyof AuditFilter, string>>>(() =>
    present({ ...filter, before: localOf(filter.before ?? '') }),
  );
  const { isOperator } = useRole();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(present({ ...given, before: isoOf(given.before ?? '') }));
  };
  const field = (name: keyof AuditFilter, label: string, more: { type?: string; placeholder?: string } = {}) => (
    <TextField
      label={label}
      value={given[name] ?? ''}
      onChange={(value) => setGiven({ ...given, [name]: value.trim() })}
      spellCheck={false}
      {...more}
    />
  );
  return (
    <form onSubmit={submit}>
      <Toolbar>
        {field('operation', words.filters.operation, { placeholder: words.filters.operationHint })}
        {field('app_id', words.filters.application)}
        {field('token_id', words.filters.token)}
        {isOperator && field('org_id', words.filters.organization)}
        {field('before', words.filters.before, { type: 'datetime-local' })}
        <Button type="submit">{words.filters.apply}</Button>
        {Object.keys(present(filter)).length > 0 && (
          <Button look="quiet" onClick={() => onChange({})}>
            {words.filters.clear}
          </Button>
        )}
      </Toolbar>
    </form>
  );
}

function present(filter: Partial<Record<keyof AuditFilter, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** What was made, or the last and so the most special object of the path. */
function objectOf({ createdId, objects }: AuditEntry): string {
  return createdId ?? Object.values(objects).at(-1) ?? words.details.none;
}
