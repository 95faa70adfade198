import { Suspense, use, type ReactNode } from 'react';
import { NavLink, useLocation } from 'react-router';
import { useReadOnly } from '../api/application.js';
import { signOut, useSession } from '../api/session.js';
import { firstAnswer } from '../clock.js';
import { IconButton } from '../kit/button.js';
import { Icon, type IconName } from '../kit/icon.js';
import { Menu } from '../kit/menu.js';
import { SkeletonLines } from '../kit/states.js';
import { Badge } from '../kit/status.js';
import * as texts from '../texts/en.js';
import { Brand } from './brand.js';
import { ErrorBoundary } from './error-boundary.js';
import { Expired } from './expired.js';
import styles from './shell.module.css';
import type { Theme } from './theme.js';
import { useTheme } from './use-theme.js';

export interface NavItem {
  to: string;
  label: string;
  icon: IconName;
}

/** Of more than five, a phone's bar shows four and a menu. */
const IN_BAR = 5;
const MOST_WAIT_MS = 2_000;
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** The frame of all pages: skip link, side bar (a bar at the bottom on a phone), and the page. */
export function Shell({ items, title, children }: { items: readonly NavItem[]; title: string; children: ReactNode }) {
  const { pathname } = useLocation();
  return (
    <div className={styles['shell']}>
      <a href="#content" className="skip" onClick={skip}>
        {texts.shell.skip}
      </a>
      <header className={styles['bar']}>
        <div className={styles['top']}>
          <Brand fallback={title} />
          <Tools />
        </div>
        <Navigation items={items} />
        <Caller />
      </header>
      <main id="content" tabIndex={-1} className={styles['content']}>
        <Expired>
          <ErrorBoundary key={pathname}>
            <Suspense fallback={<SkeletonLines lines={6} />}>
              <InTime>{children}</InTime>
            </Suspense>
          </ErrorBoundary>
        </Expired>
      </main>
    </div>
  );
}

/** The settings are asked for at once, and most often here before the page's own file. */
const soon = Promise.race([firstAnswer, new Promise<void>((resolve) => setTimeout(resolve, MOST_WAIT_MS))]);

/** Pages ask for the last hours by the server's time, so they wait until it is known, but not for long. */
function InTime({ children }: { children: ReactNode }): ReactNode {
  use(soon);
  return children;
}

/** Without a hash in the address: the address belongs to the page's filters. */
function skip(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Navigation({ items }: { items: readonly NavItem[] }) {
  const inBar = items.length > IN_BAR ? IN_BAR - 1 : IN_BAR;
  return (
    <nav aria-label={texts.shell.navigation} className={styles['navigation']}>
      <ul>
        {items.map(({ to, label, icon }, at) => (
          <li key={to} className={at >= inBar ? styles['wideOnly'] : undefined}>
            <NavLink to={to} end={to === '/'} className={styles['link'] ?? ''}>
              <Icon name={icon} />
              <span>{label}</span>
            </NavLink>
          </li>
        ))}
        {items.length > inBar && (
          <li className={styles['narrowOnly']}>
            <Menu
              trigger={
                <button type="button" className={styles['link']}>
                  <Icon name="more" />
                  <span>{texts.shell.more}</span>
                </button>
              }
              items={items.slice(inBar)}
            />
          </li>
        )}
      </ul>
    </nav>
  );
}

function Tools() {
  const [theme, setTheme] = useTheme();
  const { place } = useSession();
  const themes = THEMES.map((one) => ({
    label: texts.shell.themes[one],
    ...(one === theme && { icon: 'check' as const }),
    onSelect: () => setTheme(one),
  }));
  return (
    <div className={styles['tools']}>
      <Menu trigger={<IconButton label={texts.shell.theme} icon="theme" small />} items={themes} />
      {place === 'console' && <IconButton label={texts.shell.signOut} icon="out" small onClick={signOut} />}
    </div>
  );
}

function Caller() {
  const { place, caller } = useSession();
  const readOnly = useReadOnly();
  if (!readOnly && (place === 'portal' || !caller)) return null;
  const { kind, orgId } = caller!;
  return (
    <p className={styles['caller']}>
      {readOnly ? (
        <Badge>{texts.shell.readOnly}</Badge>
      ) : kind === 'organization' ? (
        texts.shell.callers.organization(orgId ?? '')
      ) : kind === 'operator' ? (
        texts.shell.callers.operator
      ) : (
        texts.shell.callers.key
      )}
    </p>
  );
}
