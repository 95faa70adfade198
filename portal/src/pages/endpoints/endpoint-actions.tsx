import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApplication, useCannot } from '../../api/application.js';
import { useWaiting } from '../../api/endpoint-attempts.js';
import { useDeleteEndpoint, usePatchEndpoint, type Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { after } from '../../kit/after.js';
import { Button, IconButton } from '../../kit/button.js';
import { ConfirmDialog } from '../../kit/dialog.js';
import { Menu } from '../../kit/menu.js';
import { Skeleton } from '../../kit/states.js';
import { useToast } from '../../kit/toast.js';
import * as texts from '../../texts/en.js';

const words = texts.endpoints;

/** What can be done with an endpoint of a list at once. */
export function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const { url, disabled = false } = endpoint;
  const [asks, setAsks] = useState<'disable' | 'delete' | null>(null);
  const cannot = useCannot('ManageEndpoint');
  const { toggle } = useToggle(endpoint);
  return (
    <>
      <Menu
        trigger={<IconButton label={words.actions(url)} icon="more" small />}
        items={[
          {
            label: disabled ? words.enable : words.disable,
            cannot,
            onSelect: disabled ? toggle : () => setAsks('disable'),
          },
          null,
          { label: words.delete, danger: true, cannot, onSelect: () => setAsks('delete') },
        ]}
      />
      <DisableDialog endpoint={endpoint} open={asks === 'disable'} onClose={() => setAsks(null)} />
      <DeleteDialog endpoint={endpoint} open={asks === 'delete'} onClose={() => setAsks(null)} isOfList />
    </>
  );
}

/** Enables a disabled endpoint. */
export function EnableButton({ endpoint }: { endpoint: Endpoint }) {
  const cannot = useCannot('ManageEndpoint');
  const { toggle, isPending } = useToggle(endpoint);
  return (
    <Button small look="primary" cannot={cannot} busy={isPending} onClick={toggle}>
      {words.enable}
    </Button>
  );
}

/** Disables the endpoint, or deletes it, each after a question. */
export function DangerButtons({ endpoint }: { endpoint: Endpoint }) {
  const [asks, setAsks] = useState<'disable' | 'delete' | null>(null);
  const cannot = useCannot('ManageEndpoint');
  return (
    <>
      {endpoint.disabled ? (
        <EnableButton endpoint={endpoint} />
      ) : (
        <Button cannot={cannot} onClick={() => setAsks('disable')}>
          {words.disable}
        </Button>
      )}
      <Button look="danger" cannot={cannot} onClick={() => setAsks('delete')}>
        {words.delete}
      </Button>
      <DisableDialog endpoint={endpoint} open={asks === 'disable'} onClose={() => setAsks(null)} />
      <DeleteDialog endpoint={endpoint} open={asks === 'delete'} onClose={() => setAsks(null)} />
    </>
  );
}

function useToggle({ id, url, disabled = false }: Endpoint, onDone?: () => void) {
  const { mutateAsync, isPending, error } = usePatchEndpoint();
  const toast = useToast();
  const done = () => {
    onDone?.();
    toast(disabled ? words.enabled(url) : words.disabled(url));
  };
  const toggle = () =>
    void after(mutateAsync({ id, disabled: !disabled }), done, (fault) =>
      toast(`${faultOf(fault).title}: ${faultOf(fault).detail ?? url}`, 'bad'),
    );
  return { toggle, isPending, error };
}

interface AskProps {
  endpoint: Endpoint;
  open: boolean;
  onClose: () => void;
}

function DisableDialog({ endpoint, open, onClose }: AskProps) {
  const { toggle, isPending, error } = useToggle(endpoint, onClose);
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      onConfirm={toggle}
      title={words.confirmDisable.title}
      thing={endpoint.url}
      action={words.disable}
      danger={false}
      busy={isPending}
      fault={error ? faultOf(error) : null}
    >
      <Waiting id={endpoint.id} open={open} /> {words.confirmDisable.text}
    </ConfirmDialog>
  );
}

function DeleteDialog({ endpoint, open, onClose, isOfList = false }: AskProps & { isOfList?: boolean }) {
  const { mutateAsync, isPending, error } = useDeleteEndpoint();
  const toast = useToast();
  const navigate = useNavigate();
  const { at } = useApplication();
  const removed = () => {
    onClose();
    toast(words.deleted(endpoint.url));
    if (!isOfList) void navigate(at('/endpoints'));
  };
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      onConfirm={() => void after(mutateAsync(endpoint.id), removed)}
      title={words.confirmDelete.title}
      thing={endpoint.url}
      action={words.delete}
      busy={isPending}
      fault={error ? faultOf(error) : null}
    >
      <Waiting id={endpoint.id} open={open} /> {words.confirmDelete.text}
    </ConfirmDialog>
  );
}

function Waiting({ id, open }: { id: string; open: boolean }) {
  const { data, isPending } = useWaiting(id, open);
  if (isPending && open) return <Skeleton width="220px" />;
  return data ? words.waiting(data.count, data.more) : words.waitingUnknown;
}
