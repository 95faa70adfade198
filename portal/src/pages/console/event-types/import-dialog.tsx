import { useState, type ChangeEvent } from 'react';
import type { EventTypeImportOpenApiOutData } from 'svix';
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
  const { changed, archived } = changesOf(found);
  const busy = check.isPending || apply.isPending;
  const change = (next: () => void) => {
    // The answer would come to a form that asks for something else.
    if (busy) return;
    // What was checked is no longer what would be imported.
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
    if (specRaw.trim() === '' || isWrapped(specRaw)) return;
    if (!found) return check.mutate({ specRaw, replaceAll, dryRun: true });
    apply.mutate(
      { specRaw, replaceAll, dryRun: false },
      {
        onSuccess: () => {
          toast(words.done(changed.length, archived.length));
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
      action={found && found.modified.length > 0 ? words.apply(changed.length, archived.length) : words.check}
      busy={busy}
      fault={error ? faultOf(error) : null}
      cannot={found?.modified.length === 0 ? words.nothing : null}
    >
      <File onRead={(text) => change(() => setSpec(text))} />
      <TextArea
        label={words.document}
        error={isWrapped(specRaw) ? words.wrapped : tried && specRaw.trim() === '' ? words.missing : null}
        value={specRaw}
        onChange={(text) => change(() => setSpec(text))}
        rows={10}
        mono
        spellCheck={false}
      />
      <Checkbox label={words.replaceAll} checked={replaceAll} onChange={(on) => change(() => setReplaceAll(on))} />
      {found && <Changes found={found} />}
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

type Answer = EventTypeImportOpenApiOutData;

/** What the document describes, and what it does not and would be archived. */
function changesOf(found: Answer | undefined): { changed: string[]; archived: string[] } {
  const described = new Set(found?.toModify?.map(({ name }) => name));
  const { true: changed = [], false: archived = [] } = Object.groupBy(found?.modified ?? [], (name) => `${described.has(name)}`);
  return { changed, archived };
}

function Changes({ found }: { found: Answer }) {
  const { changed, archived } = changesOf(found);
  if (found.modified.length === 0)
    return (
      <Notice title={words.nothing}>
        <p>{words.nothingText}</p>
      </Notice>
    );
  return (
    <>
      <Names title={words.would(changed.length)} names={changed} withSchema={namesWithSchema(found.toModify ?? [])} />
      <Names title={words.wouldArchive(archived.length)} names={archived} />
    </>
  );
}

function Names(props: { title: string; names: readonly string[]; withSchema?: ReadonlySet<string> }) {
  const { title, names, withSchema } = props;
  if (names.length === 0) return null;
  return (
    <div role="status">
      <h3>{title}</h3>
      <ul className={styles['list']} tabIndex={0} aria-label={title}>
        {names.map((name) => (
          <li key={name}>
            <code>{name}</code> {withSchema?.has(name) && <span className="muted">{words.schema}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The body of the API's own operation has the document in `spec`. */
function isWrapped(text: string): boolean {
  if (!text.trimStart().startsWith('{') || !text.includes('"spec"')) return false;
  try {
    const document = JSON.parse(text) as Record<string, unknown>;
    return document['openapi'] === undefined && typeof document['spec'] === 'object';
  } catch {
    return false;
  }
}

function namesWithSchema(types: readonly { name: string; schemas?: unknown }[]): Set<string> {
  return new Set(types.flatMap(({ name, schemas }) => (schemas ? [name] : [])));
}
