import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { makeQueryClient } from '../api/live.js';
import { onAnotherToken, startSession, type Place } from '../api/session.js';
import { useSettings } from '../api/settings.js';
import { forgetDrafts, takeDrafts } from '../kit/draft.js';
import { ProductName } from '../kit/page.js';
import { isMissingFile } from '../kit/reload.js';
import { ToastPlace } from '../kit/toast.js';
import '../style/tokens.css';
import '../style/base.css';
import { startAppearance } from './appearance.js';
import { startEmbedding } from './embedding.js';
import { startTheme } from './theme.js';

/** Starts the pages of one place below its path. The token leaves the address before anything else happens. */
export function start(place: Place, title: string, pages: ReactNode): void {
  startSession(place);
  onAnotherToken(({ sameOwner }) => sameOwner || forgetDrafts());
  takeDrafts();
  startAppearance();
  startTheme();
  startEmbedding();
  createRoot(document.getElementById('root')!, { onCaughtError: report }).render(
    <StrictMode>
      {/* The Content-Security-Policy has no inline styles. */}
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={makeQueryClient()}>
          <BrowserRouter basename={`/${place}`}>
            <Tooltip.Provider>
              <ToastPlace>
                <Named title={title}>{pages}</Named>
              </ToastPlace>
            </Tooltip.Provider>
          </BrowserRouter>
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
}

/** A file that is missing is no fault of the page, and the page says so itself. */
function report(error: unknown): void {
  if (!(error instanceof Error && isMissingFile(error))) reportError(error);
}

function Named({ title, children }: { title: string; children: ReactNode }) {
  const { name } = useSettings();
  return <ProductName value={name ?? title}>{children}</ProductName>;
}
