import { lazy, useContext } from 'react';
import { Navigate, NavLink, Outlet, Route, Routes, useParams } from 'react-router';
import { ApplicationProvider } from '../api/application.js';
import { useApplicationNames } from '../api/console/applications.js';
import { useRole } from '../api/console/role.js';
import { useSession } from '../api/session.js';
import { ProductName } from '../kit/page.js';
import * as texts from '../texts/en.js';
import { APPLICATION_NAV, applicationRoutes } from './application-routes.js';
import styles from './console.module.css';
import { NotFound } from './not-found.page.js';
import { Shell, type NavItem } from './shell.js';
import { SignIn } from './sign-in.page.js';

const Health = lazy(() => import('../pages/console/health/health.page.js'));
const Applications = lazy(() => import('../pages/console/applications/applications.page.js'));
const Search = lazy(() => import('../pages/console/search/search.page.js'));
const EventTypes = lazy(() => import('../pages/console/event-types/event-types.page.js'));
const DeadLetters = lazy(() => import('../pages/console/dead-letters/dead-letters.page.js'));
const Tasks = lazy(() => import('../pages/console/tasks/tasks.page.js'));
const OperationalWebhooks = lazy(() => import('../pages/console/operational-webhooks/operational-webhooks.page.js'));
const Keys = lazy(() => import('../pages/console/keys/keys.page.js'));
const Audit = lazy(() => import('../pages/console/audit/audit.page.js'));
const Processes = lazy(() => import('../pages/console/processes/processes.page.js'));

/** `ofOrganization`: an operator's token can't ask for it. */
const ITEMS: readonly (NavItem & { ofOrganization?: true })[] = [
  { to: '/', label: texts.pages.health, icon: 'health' },
  { to: '/search', label: texts.pages.search, icon: 'search' },
  { to: '/applications', label: texts.pages.applications, icon: 'applications', ofOrganization: true },
  { to: '/dead-letters', label: texts.pages.deadLetters, icon: 'dead' },
  { to: '/event-types', label: texts.pages.eventTypes, icon: 'types', ofOrganization: true },
  { to: '/tasks', label: texts.pages.tasks, icon: 'tasks', ofOrganization: true },
  { to: '/operational-webhooks', label: texts.pages.operationalWebhooks, icon: 'webhooks', ofOrganization: true },
  { to: '/keys', label: texts.pages.keys, icon: 'keys', ofOrganization: true },
  { to: '/audit', label: texts.pages.audit, icon: 'audit' },
  { to: '/processes', label: texts.pages.processes, icon: 'processes' },
];

/** The console: for the team's operators and support, after a token was given. */
export function Console() {
  const { token, expired, used } = useSession();
  const { isOperator } = useRole();
  if (token === null || (expired && !used)) return <SignIn refused={expired} />;
  return (
    <Shell items={ITEMS.filter(({ ofOrganization }) => !(isOperator && ofOrganization))} title={texts.shell.console}>
      <Routes>
        <Route index element={<Health />} />
        <Route path="search" element={<Search />} />
        <Route path="applications" element={<Applications />} />
        <Route path="applications/:appId" element={<Application />}>
          {applicationRoutes}
        </Route>
        <Route path="dead-letters" element={<DeadLetters />} />
        <Route path="event-types" element={<EventTypes />} />
        <Route path="tasks" element={<Tasks />} />
        <Route path="operational-webhooks" element={<OperationalWebhooks />} />
        <Route path="keys" element={<Keys />} />
        <Route path="audit" element={<Audit />} />
        <Route path="processes" element={<Processes />} />
        <Route path="sign-in" element={<Navigate to="/" replace />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Shell>
  );
}

/** The portal's pages for one application. */
function Application() {
  const { appId = '' } = useParams();
  const base = `/applications/${encodeURIComponent(appId)}`;
  const { data } = useApplicationNames(appId);
  const product = useContext(ProductName);
  return (
    <ApplicationProvider key={appId} appId={appId} base={base}>
      <nav aria-label={texts.shell.application.navigation} className={styles['navigation']}>
        <div className={styles['application']}>
          <p>
            <strong>{data?.name}</strong> {data?.uid && <code>{data.uid}</code>}
          </p>
          <code>{appId}</code>
        </div>
        <ul>
          {APPLICATION_NAV.map(({ path, label }) => (
            <li key={path}>
              <NavLink to={path === '/' ? base : `${base}${path}`} end={path === '/'}>
                {label}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <ProductName value={data ? texts.shell.application.title(data.name, product) : product}>
        <Outlet />
      </ProductName>
    </ApplicationProvider>
  );
}
