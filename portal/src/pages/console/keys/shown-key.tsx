import { Button } from '../../../kit/button.js';
import { CodeBlock } from '../../../kit/code-block.js';
import { Dialog } from '../../../kit/dialog.js';
import * as texts from '../../../texts/en.js';

const words = texts.console.keys.shown;

/** A key, this one time. */
export function ShownKey({ token, onClose }: { token: string | null; onClose: () => void }) {
  return (
    <Dialog
      open={token !== null}
      onClose={onClose}
      title={words.title}
      text={words.text}
      actions={
        <Button look="primary" onClick={onClose}>
          {words.done}
        </Button>
      }
    >
      <CodeBlock text={token ?? ''} thing={words.thing} />
    </Dialog>
  );
}
