import type { ReactNode } from 'react';
import { signOut } from '../../../api/session.js';
import { Button } from '../../../kit/button.js';
import { Page } from '../../../kit/page.js';
import { Empty } from '../../../kit/states.js';
import * as texts from '../../../texts/en.js';

const words = texts.console.role;

/** In the place of what the caller's key does not show: why, and the way to another key. */
export function Needs({ what }: { what: 'needsOperator' | 'needsOrganization' }) {
  return (
    <Empty icon="keys" title={words[what].title} action={<Button onClick={signOut}>{words.signIn}</Button>}>
      {words[what].text}
    </Empty>
  );
}

/** A page with nothing but its title and why it is empty. */
export function NeedsPage({
  title,
  lead,
  what,
}: {
  title: string;
  lead: ReactNode;
  what: 'needsOperator' | 'needsOrganization';
}) {
  return (
    <Page title={title} lead={lead}>
      <Needs what={what} />
    </Page>
  );
}
