import { useState } from 'react';
import { useCannot } from '../../api/application.js';
import { useDeleteEndpoint, usePatchEndpoint, type Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { IconButton } from '../../kit/button.js';
import { ConfirmDialog } from '../../kit/dialog.js';
import { Menu } from '../../kit/menu.js';
import { useToast } from '../../kit/toast.js';
import { texts } from '../../texts/en.js';

const words = texts.endpoints;

/** What can be done with an endpoint at once: disable, enable, delete. */
export function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const { id, url, disabled = false } = endpoint;
  const [asks, setAsks] = useState(false);
  const cannot = useCannot('ManageEndpoint');
  const patch = usePatchEndpoint();
  const remove = useDeleteEndpoint();
  const toast = useToast();
  const toggle = () =>
    patch.mutate(
      { id, disabled: !disabled },
      {
        onSuccess: () => toast(disabled ? words.enabled(url) : words.disabled(url)),
        onError: (error) => toast(`${faultOf(error).title}: ${faultOf(error).detail ?? url}`, 'bad'),
      },
    );
  return (
    <>
      <Menu
        trigger={<IconButton label={words.actions(url)} icon="more" small />}
        items={[
          { label: disabled ? words.enable : words.disable, cannot, onSelect: toggle },
          null,
          { label: words.delete, danger: true, cannot, onSelect: () => setAsks(true) },
        ]}
      />
      <ConfirmDialog
        open={asks}
        onClose={() => setAsks(false)}
        onConfirm={() =>
          remove.mutate(id, {
            onSuccess: () => {
              setAsks(false);
              toast(words.deleted(url));
            },
          })
        }
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
