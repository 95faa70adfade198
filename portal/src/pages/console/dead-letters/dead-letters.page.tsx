import { Page } from '../../../kit/page.js';
import { SkeletonLines } from '../../../kit/states.js';
import { texts } from '../../../texts/en.js';

/** To be written. */
export default function DeadLettersPage() {
  const words = texts.console.deadLetters;
  return (
    <Page title={words.title} lead={words.lead}>
      <SkeletonLines />
    </Page>
  );
}
