// Loads the page again if one of its files is missing. While a release is shifted, the file of one build may be asked of the other, which
// does not have it. What was found is kept by the browser, so each try needs fewer files. The name of this file stays the same from build to build; a change to it needs
// another number, since browsers keep it for a year.
(() => {
  const KEY = 'posthorn.reloads';
  const MOST = 20;
  const WITHIN_MS = 60_000;
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

  function lose({ target }) {
    if (isOver || !(target instanceof HTMLScriptElement || target instanceof HTMLLinkElement)) return;
    isOver = true;
    if (mayReload()) setTimeout(() => location.reload(), 200 + Math.random() * 400);
    else document.body?.append('A part of this page is missing. Load it again in a minute.');
  }

  // Errors of elements do not rise to the window: it sees them on their way down.
  addEventListener('error', lose, true);
})();
