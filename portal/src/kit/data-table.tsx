import { lazy, Suspense, useRef, type ReactNode } from 'react';
import { Link } from 'react-router';
import * as texts from '../texts/en.js';
import { keepFocus } from './after.js';
import { Button } from './button.js';
import styles from './data-table.module.css';
import { LoadedLater } from './missing-file.js';
import { ErrorBox, Skeleton, type FaultWords } from './states.js';

/** From this many rows on only those in sight are drawn. */
export const VIRTUAL_FROM = 1_000;
const SKELETON_ROWS = 6;

const VirtualRows = lazy(() => import('./virtual-rows.js').then((module) => ({ default: module.VirtualRows })));

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** A CSS width. Without one the column takes its share of the rest. */
  width?: string;
  align?: 'end';
  /** Left out where the window is narrower than a tablet or a desktop. */
  from?: 'tablet' | 'desktop';
  /** The title is for screen readers alone. */
  titleUnseen?: boolean;
}

/** What a table shows: the lists of the api folder are such. */
export interface TableList<Row> {
  rows: readonly Row[];
  loading: boolean;
  fault: FaultWords | null;
  retry(): void;
  hasMore: boolean;
  loadingMore: boolean;
  more(): void;
  fresh: number;
  hasMoreFresh: boolean;
  showFresh(): void;
}

export interface DataTableProps<Row> {
  /** What the table is of, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  list: TableList<Row>;
  rowKey: (row: Row) => string;
  /** Where a row leads: the first column's content becomes the link, and the whole row can be clicked. */
  rowLink?: (row: Row) => string;
  /** Shown instead of the table if there is nothing. */
  empty: ReactNode;
}

/** A list as a table: places kept while it loads, errors in words, more pages on demand, new rows behind a button. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, list, rowKey, rowLink, empty } = props;
  const { rows, loading, fault } = list;
  const table = useRef<HTMLTableElement>(null);
  const linkOf = (at: 'first' | 'last') => () => table.current?.querySelector<HTMLElement>(`tbody tr:${at}-child a`) ?? null;
  const showFresh = () => {
    list.showFresh();
    keepFocus(linkOf('first'));
  };
  const more = () => {
    list.more();
    keepFocus(linkOf('last'));
  };
  if (!loading && !fault && rows.length === 0 && list.fresh === 0) return empty;
  return (
    <div className={styles['frame']}>
      {fault && <ErrorBox fault={fault} onRetry={list.retry} />}
      <div role="status" className={styles['fresh']}>
        {list.fresh > 0 && (
          <Button small onClick={showFresh}>
            {texts.kit.fresh(list.fresh, list.hasMoreFresh)}
          </Button>
        )}
      </div>
      {(loading || rows.length > 0) && (
        <div className={styles['scroll']}>
          <table
            ref={table}
            className={styles['table']}
            aria-label={label}
            aria-busy={loading}
            aria-rowcount={list.hasMore ? -1 : rows.length + 1}
          >
            <thead>
              <tr>
                {columns.map((column) => (
                  <th
                    key={column.id}
                    scope="col"
                    className={classOf(column)}
                    style={column.width === undefined ? undefined : { width: column.width }}
                  >
                    {column.titleUnseen ? <span className="unseen">{column.title}</span> : column.title}
                  </th>
                ))}
              </tr>
            </thead>
            {loading ? (
              <SkeletonRows columns={columns} />
            ) : rows.length > VIRTUAL_FROM ? (
              <LoadedLater>
                <Suspense fallback={<tbody>{rows.map(rowOf)}</tbody>}>
                  <VirtualRows count={rows.length} columns={columns.length} row={(at) => rowOf(rows[at]!, at)} />
                </Suspense>
              </LoadedLater>
            ) : (
              <tbody>{rows.map(rowOf)}</tbody>
            )}
          </table>
        </div>
      )}
      {list.hasMore && (
        <Button busy={list.loadingMore} onClick={more}>
          {texts.kit.more}
        </Button>
      )}
    </div>
  );

  function rowOf(row: Row, at: number): ReactNode {
    return (
      <tr key={rowKey(row)} aria-rowindex={at + 2} className={rowLink ? styles['linked'] : undefined}>
        {columns.map((column, index) => (
          <td key={column.id} className={classOf(column)}>
            {index === 0 && rowLink ? (
              <Link to={rowLink(row)} className={styles['link']}>
                {column.cell(row)}
              </Link>
            ) : (
              column.cell(row)
            )}
          </td>
        ))}
      </tr>
    );
  }
}

function classOf({ align, from }: Pick<Column<never>, 'align' | 'from'>): string {
  return `${align ? styles[align] : ''} ${from ? styles[from] : ''}`;
}

function SkeletonRows<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  return (
    <tbody>
      {Array.from({ length: SKELETON_ROWS }, (_, at) => (
        <tr key={at}>
          {columns.map((column, index) => (
            <td key={column.id} className={classOf(column)}>
              <Skeleton width={`${80 - ((at * 13 + index * 29) % 50)}%`} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}
