import { useState } from 'react';
import type { OperationalWebhookEndpointOut } from 'svix';
import {
  useDeleteOperationalEndpoint,
  useOperationalSecret,
  usePatchOperationalEndpoint,
} from '../../../api/console/operational-webhooks.js';
import { faultOf } from '../../../api/errors.js';
import { after } from '../../../kit/after.js';
import { IconButton } from '../../../kit/button.js';
import { CodeBlock } from '../../../kit/code-block.js';
import { ConfirmDialog, Dialog } from '../../../kit/dialog.js';
import { Menu } from '../../../kit/menu.js';
import { ErrorBox, Skeleton } from '../../../kit/states.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';

const words = texts.console.operationalWebhooks;

/** What can be done with an operational endpoint. */
export function OperationalActions({ endpoint: { id, url, disabled = false } }: { endpoint: OperationalWebhookEndpointOut }) {
  const [asks, setAsks] = useState(false);
  const patch = usePatchOperationalEndpoint();
  const remove = useDeleteOperationalEndpoint();
  const secret = useOperationalSecret();
  const toast = useToast();
  const toggle = () =>
    void after(
      patch.mutateAsync({ id, disabled: !disabled }),
      () => toast(disabled ? words.enabled(url) : words.disabled(url)),
      (error) => toast(`${faultOf(error).title}: ${faultOf(error).detail ?? url}`, 'bad'),
    );
  const removed = () => {
    setAsks(false);
    toast(words.deleted(url));
  };
  return (
    <>
      <Menu
        trigger={<IconButton label={words.actions(url)} icon="more" small />}
        items={[
          { label: words.secret, onSelect: () => secret.mutate(id) },
          { label: disabled ? words.enable : words.disable, onSelect: toggle },
          null,
          { label: words.delete, danger: true, onSelect: () => setAsks(true) },
        ]}
      />
      <Dialog open={!secret.isIdle} onClose={secret.reset} title={words.secretTitle} text={words.secretText}>
        {secret.isPending && <Skeleton height="64px" />}
        {secret.error && <ErrorBox fault={faultOf(secret.error)} onRetry={() => secret.mutate(id)} />}
        {secret.data !== undefined && <CodeBlock text={secret.data} thing={words.secretThing} />}
      </Dialog>
      <ConfirmDialog
        open={asks}
        onClose={() => setAsks(false)}
        onConfirm={() => void after(remove.mutateAsync(id), removed)}
        title={words.confirmDelete.title}
        thing={url}
        action={words.delete}
        busy={remove.isPending}
        fault={remove.error ? faultOf(remove.error) : null}
      >
        {words.confirmDelete.text}
      </ConfirmDialog>
    </>
  );
}
