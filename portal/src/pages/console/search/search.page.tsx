import { Page } from '../../../kit/page.js';
import { SkeletonLines } from '../../../kit/states.js';
import { texts } from '../../../texts/en.js';

/** To be written. */
export default function SearchPage() {
  const words = texts.console.search;
  return (
    <Page title={words.title} lead={words.lead}>
      <SkeletonLines />
    </Page>
  );
}
