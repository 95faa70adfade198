import { Route, Routes } from 'react-router';
import { ApplicationProvider } from '../api/application.js';
import { useSession } from '../api/session.js';
import * as texts from '../texts/en.js';
import { APPLICATION_NAV, applicationRoutes } from './application-routes.js';
import { NotFound } from './not-found.page.js';
import { Shell } from './shell.js';

const ITEMS = APPLICATION_NAV.map(({ path, ...item }) => ({ ...item, to: path }));

/** The portal: the pages of the application whose token opened it. */
export function Portal() {
  const { caller } = useSession();
  return (
    <ApplicationProvider key={caller?.appId} appId={caller?.appId ?? ''} base="">
      <Shell items={ITEMS} title={texts.shell.portal}>
        <Routes>
          {applicationRoutes}
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Shell>
    </ApplicationProvider>
  );
}
