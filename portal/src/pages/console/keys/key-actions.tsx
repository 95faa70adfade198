import { useState } from 'react';
import { useExpireApiKey, useRotateApiKey, type ApiKey } from '../../../api/console/api-keys.js';
import { faultOf } from '../../../api/errors.js';
import { after } from '../../../kit/after.js';
import { IconButton } from '../../../kit/button.js';
import { ConfirmDialog } from '../../../kit/dialog.js';
import { Menu } from '../../../kit/menu.js';
import { useNow } from '../../../kit/time.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';
import { ShownKey } from './shown-key.js';

const words = texts.console.keys;

/** Replaces the secret of a key, or ends it. An ended key has no actions. */
export function KeyActions({ apiKey: { id, name, expiresAt } }: { apiKey: ApiKey }) {
  const [asks, setAsks] = useState<'rotate' | 'expire' | null>(null);
  const now = useNow();
  const rotate = useRotateApiKey();
  const expire = useExpireApiKey();
  const toast = useToast();
  const close = () => setAsks(null);
  const ended = () => {
    close();
    toast(words.ended(name));
  };
  if (expiresAt !== null && Date.parse(expiresAt) <= now) return null;
  return (
    <>
      <Menu
        trigger={<IconButton label={words.actions(name)} icon="more" small />}
        items={[
          { label: words.rotate, onSelect: () => setAsks('rotate') },
          null,
          { label: words.expire, danger: true, onSelect: () => setAsks('expire') },
        ]}
      />
      <ConfirmDialog
        open={asks === 'rotate'}
        onClose={close}
        onConfirm={() => rotate.mutate(id, { onSuccess: close })}
        title={words.confirmRotate.title}
        thing={name}
        action={words.rotate}
        danger={false}
        busy={rotate.isPending}
        fault={rotate.error ? faultOf(rotate.error) : null}
      >
        {words.confirmRotate.text}
      </ConfirmDialog>
      <ConfirmDialog
        open={asks === 'expire'}
        onClose={close}
        onConfirm={() => void after(expire.mutateAsync(id), ended)}
        title={words.confirmExpire.title}
        thing={name}
        action={words.expire}
        busy={expire.isPending}
        fault={expire.error ? faultOf(expire.error) : null}
      >
        {words.confirmExpire.text}
      </ConfirmDialog>
      <ShownKey token={rotate.data?.token ?? null} onClose={rotate.reset} />
    </>
  );
}
