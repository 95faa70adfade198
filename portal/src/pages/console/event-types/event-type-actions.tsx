import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { EventTypeOut } from 'svix';
import { useExpungeEventType, usePatchEventType } from '../../../api/console/event-types.js';
import { faultOf } from '../../../api/errors.js';
import { after } from '../../../kit/after.js';
import { IconButton } from '../../../kit/button.js';
import { ConfirmDialog } from '../../../kit/dialog.js';
import { Menu } from '../../../kit/menu.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';

const words = texts.console.catalogue;

/** Edits, archives, restores or deletes an event type. */
export function EventTypeActions({ type: { name, archived = false } }: { type: EventTypeOut }) {
  const [asks, setAsks] = useState(false);
  const patch = usePatchEventType();
  const remove = useExpungeEventType();
  const toast = useToast();
  const navigate = useNavigate();
  const toggle = () =>
    void after(
      patch.mutateAsync({ name, archived: !archived }),
      () => toast(archived ? words.restored(name) : words.archivedNow(name)),
      (error) => toast(`${faultOf(error).title}: ${faultOf(error).detail ?? name}`, 'bad'),
    );
  const removed = () => {
    setAsks(false);
    toast(words.deleted(name));
  };
  return (
    <>
      <Menu
        trigger={<IconButton label={words.actions(name)} icon="more" small />}
        items={[
          { label: words.edit, onSelect: () => void navigate(`?edit=${encodeURIComponent(name)}`) },
          { label: archived ? words.restore : words.archive, onSelect: toggle },
          null,
          { label: words.expunge, danger: true, onSelect: () => setAsks(true) },
        ]}
      />
      <ConfirmDialog
        open={asks}
        onClose={() => setAsks(false)}
        onConfirm={() => void after(remove.mutateAsync(name), removed)}
        title={words.confirmExpunge.title}
        thing={name}
        action={words.expunge}
        busy={remove.isPending}
        fault={remove.error ? faultOf(remove.error) : null}
        typed={name}
      >
        {words.confirmExpunge.text}
      </ConfirmDialog>
    </>
  );
}
