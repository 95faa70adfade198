import type { ReactNode } from 'react';
import { signOut, useSession } from '../api/session.js';
import { useSettings } from '../api/settings.js';
import { Button } from '../kit/button.js';
import { Notice } from '../kit/page.js';
import { Empty } from '../kit/states.js';
import * as texts from '../texts/en.js';

/** Says that the page's token is no longer accepted. What was typed stays below; a page that never had a valid token shows this alone. */
export function Expired({ children }: { children: ReactNode }) {
  const { place, token, expired, used } = useSession();
  const { product } = useSettings();
  const { absent, expired: words } = texts.shell;
  if (token === null)
    return (
      <Empty icon="keys" title={absent.title}>
        {absent.text(product)}
      </Empty>
    );
  if (expired && !used)
    return (
      <div role="alert">
        <Empty icon="keys" title={words.title}>
          {words.text(product)}
        </Empty>
      </div>
    );
  return (
    <>
      {expired && (
        <div role="alert">
          <Notice
            tone="bad"
            title={words.title}
            actions={place === 'console' && <Button onClick={signOut}>{words.signIn}</Button>}
          >
            <p>
              {place === 'console' ? words.console : words.text(product)} {words.below}
            </p>
          </Notice>
        </div>
      )}
      {children}
    </>
  );
}
