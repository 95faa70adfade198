/** `AppPortal` of svix-react gives its frame the height that it is told in this form, if it has `fullSize`. */
const HEIGHT = 'svix.iframe-resizer-height';

/** In a frame: tells the page around it how high this one is, now and after each change. Nothing else is told. */
export function startEmbedding(): void {
  if (parent === window) return;
  document.documentElement.dataset['embedded'] = '';
  const tell = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    // Which page that is, its own origin alone knows; the Content-Security-Policy has let it in.
    parent.postMessage({ type: HEIGHT, payload: { height } }, '*');
  };
  new ResizeObserver(tell).observe(document.body);
}
