let isPressed = false;

const press = (pressed: boolean) => () => {
  isPressed = pressed;
};
addEventListener('pointerdown', press(true), true);
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, press(false), true);

/**
 * Calls at once, or while a button of the mouse is pressed when it is released: what would move under the pointer meanwhile does not get the
 * click.
 */
export function onceReleased(call: () => void): void {
  if (!isPressed) return call();
  const ended = new AbortController();
  const end = () => {
    ended.abort();
    call();
  };
  for (const name of ['pointerup', 'pointercancel']) addEventListener(name, end, { capture: true, signal: ended.signal });
}
