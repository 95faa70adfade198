import { createContext, useContext, useEffect, useRef, type ReactNode } from 'react';
import { Link } from 'react-router';
import styles from './page.module.css';
import { Icon } from './icon.js';

/** What stands behind the title in the browser's tab. */
export const ProductName = createContext('');

/** The first page does not take the focus: the reader has just come. */
let isFirst = true;

/**
 * A page: its heading, which gets the focus when the page is opened, what can be done with the whole of it, and its content.
 * `back` leads to the page above.
 */
export function Page(props: {
  title: string;
  heading?: ReactNode;
  lead?: ReactNode;
  back?: { to: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { title, heading, lead, back, actions, children } = props;
  const product = useContext(ProductName);
  const headingRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = product === '' ? title : `${title} · ${product}`;
  }, [title, product]);
  useEffect(() => {
    if (!isFirst) headingRef.current?.focus();
    isFirst = false;
  }, []);
  return (
    <article className={styles['page']}>
      <header className={styles['head']}>
        <div className={styles['words']}>
          {back && (
            <Link to={back.to} className={styles['back']}>
              <span aria-hidden>←</span> {back.label}
            </Link>
          )}
          <h1 ref={headingRef} tabIndex={-1}>
            {heading ?? title}
          </h1>
          {lead !== undefined && <p className="muted">{lead}</p>}
        </div>
        {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
      </header>
      {children}
    </article>
  );
}

/** A part of a page with its own heading. */
export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles['section']}>
      <div className={styles['sectionHead']}>
        <h2>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** Names and values, side by side where there is room. */
export function Facts({ items }: { items: readonly { name: string; value: ReactNode }[] }) {
  return (
    <dl className={styles['facts']}>
      {items.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Fields and buttons above a list. */
export function Toolbar({ children }: { children: ReactNode }) {
  return <div className={styles['toolbar']}>{children}</div>;
}

/** A remark that must be seen: why something is off, and what to do. */
export function Notice({
  tone = 'waiting',
  title,
  children,
  actions,
}: {
  tone?: 'waiting' | 'bad' | 'good';
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className={`${styles['notice']} ${styles[tone]}`}>
      <Icon name={tone === 'good' ? 'check' : 'warning'} />
      <div>
        <strong>{title}</strong>
        {children}
      </div>
      {actions}
    </div>
  );
}
