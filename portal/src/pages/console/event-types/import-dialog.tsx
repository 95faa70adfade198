import { useState, type ChangeEvent } from 'react';
import { useImportEventTypes } from '../../../api/console/event-types.js';
import { faultOf } from '../../../api/errors.js';
import { Button } from '../../../kit/button.js';
import { Checkbox } from '../../../kit/checkbox.js';
import { Dialog } from '../../../kit/dialog.js';
import { useDraft } from '../../../kit/draft.js';
import { TextArea } from '../../../kit/field.js';
import { Notice } from '../../../kit/page.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';
import styles from '../shared/console.module.css';
import { DialogForm } from '../shared/form.js';

const words = texts.console.catalogue.importing;

/** Event types from the webhooks of an OpenAPI document: first what would change, then the change. */
export function ImportDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={words.title} text={words.text} wide>
      <Form onClose={onClose} />
    </Dialog>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const [specRaw, setSpec] = useDraft('import of event types', '');
  const [replaceAll, setReplaceAll] = useState(false);
  const [tried, setTried] = useState(false);
  const check = useImportEventTypes();
  const apply = useImportEventTypes();
  const toast = useToast();
  const found = check.data?.data;
  // What was checked is no longer what would be imported.
  const busy = check.isPending || apply.isPending;
  const change = (next: () => void) => {
    // The answer would come to a form that asks for something else.
    if (busy) return;
    check.reset();
    apply.reset();
    next();
  };
  const cancel = () => {
    setSpec('');
    onClose();
  };
  const submit = () => {
    setTried(true);
    if (specRaw.trim() === '') return;
    if (!found) return check.mutate({ specRaw, replaceAll, dryRun: true });
    apply.mutate(
      { specRaw, replaceAll, dryRun: false },
      {
        onSuccess: ({ data }) => {
          toast(words.done(data.modified.length));
          cancel();
        },
      },
    );
  };
  const error = apply.error ?? check.error;
  return (
    <DialogForm
      onSubmit={submit}
      onCancel={cancel}
      action={found ? words.apply(found.modified.length) : words.check}
      busy={busy}
      fault={error ? faultOf(error) : null}
      cannot={found?.modified.length === 0 ? words.nothing : null}
    >
      <File onRead={(text) => change(() => setSpec(text))} />
      <TextArea
        label={words.document}
        error={tried && specRaw.trim() === '' ? words.missing : null}
        value={specRaw}
        onChange={(text) => change(() => setSpec(text))}
        rows={10}
        mono
        spellCheck={false}
      />
      <Checkbox label={words.replaceAll} checked={replaceAll} onChange={(on) => change(() => setReplaceAll(on))} />
      {found && <Changes modified={found.modified} withSchema={namesWithSchema(found.toModify ?? [])} />}
    </DialogForm>
  );
}

/** A file of this device. It is read here, and only then sent as text. */
function File({ onRead }: { onRead: (text: string) => void }) {
  const read = ({ target }: ChangeEvent<HTMLInputElement>) => {
    void target.files?.[0]?.text().then(onRead);
    // The same file may be chosen again once it is changed.
    target.value = '';
  };
  const pick = (event: { currentTarget: HTMLElement }) => event.currentTarget.parentElement?.querySelector('input')?.click();
  return (
    <div>
      <input type="file" accept=".json,.yaml,.yml" hidden onChange={read} aria-label={words.file} />
      <Button onClick={pick}>{words.file}</Button>
    </div>
  );
}

function Changes({ modified, withSchema }: { modified: readonly string[]; withSchema: ReadonlySet<string> }) {
  if (modified.length === 0) return <Notice tone="good" title={words.nothing} />;
  return (
    <div role="status">
      <h3>{words.would(modified.length)}</h3>
      <ul className={styles['list']} tabIndex={0} aria-label={words.would(modified.length)}>
        {modified.map((name) => (
          <li key={name}>
            <code>{name}</code> {withSchema.has(name) && <span className="muted">{words.schema}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function namesWithSchema(types: readonly { name: string; schemas?: unknown }[]): Set<string> {
  return new Set(types.flatMap(({ name, schemas }) => (schemas ? [name] : [])));
}
