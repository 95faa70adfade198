import { keepDrafts } from './draft.js';

declare global {
  /** Of public/assets/reload-2.js. While a release is shifted, that file itself may be missing. */
  var posthornReload: ((how: { asked: boolean; before: () => void }) => Promise<boolean>) | undefined;
}

const NOT_TYPED = ['checkbox', 'radio', 'button', 'submit', 'hidden'];

/** Whether an error says that a file of the page could not be loaded, in the words of Chromium, Firefox, Safari and Vite. */
export const isMissingFile = (error: Error): boolean =>
  /dynamically imported module|module script|preload CSS/i.test(error.message);

/** Whether a load of the whole page would take something that somebody has typed. Rather too often than too rarely. */
export function isTyped(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea');
  return [...fields].some(({ type, readOnly, value }) => !readOnly && value !== '' && !NOT_TYPED.includes(type));
}

/**
 * Loads the whole page again, with the drafts of forms. Resolves to false, and leaves the page as it is, where the server does not have it.
 *
 * @param asked somebody has pressed a button; otherwise it is done only so often
 */
export async function reloadPage(asked: boolean): Promise<boolean> {
  return (await globalThis.posthornReload?.({ asked, before: keepDrafts })) ?? false;
}
