// Loads the page again if one of its files is missing. While a release is shifted, the file of one build may be asked of the other, which
// does not have it. What was found is kept by the browser, so each try needs fewer files. The name of this file stays the same from build to build; a change to it needs
// another number, since browsers keep it for a year.
(() => {
  const KEY = 'posthorn.reloads';
  const MOST = 20;
  // Long enough for slow loads: otherwise a file that stays away would be asked for without end.
  const WITHIN_MS = 600_000;
  const ANSWER_MS = 10_000;
  let isOver = false;

  /** Whether the page may be loaded once more. Without storage nobody would count, and it would go on for ever. */
  function mayReload() {
    try {
      const now = Date.now();
      const before = JSON.parse(sessionStorage.getItem(KEY) ?? '[]').filter((at) => now - at < WITHIN_MS);
      sessionStorage.setItem(KEY, JSON.stringify([...before, now]));
      return before.length < MOST;
    } catch {
      return false;
    }
  }

  /** Whether the server has the page now. Without this, the browser's own error would take the place of the page. */
  async function isThere() {
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      return (await fetch(location.pathname, { cache: 'no-store', signal })).ok;
    } catch {
      return false;
    }
  }

  /**
   * Loads the page again if the server has it; resolves to false if not. What nobody has asked for is done only so often.
   * The pages call it for the files that they load later.
   */
  globalThis.posthornReload = async ({ asked = false, before = () => {} } = {}) => {
    if (!(await isThere())) return false;
    if (!asked && !mayReload()) return false;
    before();
    setTimeout(() => location.reload(), asked ? 0 : 200 + Math.random() * 400);
    return true;
  };

  async function lose({ target }) {
    if (isOver || !(target instanceof HTMLScriptElement || target instanceof HTMLLinkElement)) return;
    // Once it is drawn, something may have been typed: then the page itself decides.
    if (document.getElementById('root')?.hasChildNodes()) return;
    isOver = true;
    if (!(await globalThis.posthornReload())) document.body?.append('A part of this page is missing. Load it again in a minute.');
  }

  // Errors of elements do not rise to the window: it sees them on their way down.
  addEventListener('error', lose, true);
})();
