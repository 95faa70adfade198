import { ButtonLink } from '../kit/button.js';
import { Page } from '../kit/page.js';
import * as texts from '../texts/en.js';

/** An address without a page. */
export function NotFound() {
  const { title, text, action } = texts.shell.notFound;
  return (
    <Page title={title} lead={text}>
      <div>
        <ButtonLink to="/">{action}</ButtonLink>
      </div>
    </Page>
  );
}
