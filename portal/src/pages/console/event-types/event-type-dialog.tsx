import { useState } from 'react';
import type { Catalogued } from '../../../api/console/catalogued.js';
import { useCatalogued, useCreateEventType, usePatchEventType } from '../../../api/console/event-types.js';
import { faultOf } from '../../../api/errors.js';
import { Checkbox } from '../../../kit/checkbox.js';
import { Dialog } from '../../../kit/dialog.js';
import { useDraft } from '../../../kit/draft.js';
import { TextArea, TextField } from '../../../kit/field.js';
import { ErrorBox, SkeletonLines } from '../../../kit/states.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';
import { DialogForm, forgetting } from '../shared/form.js';
import { changesOf, draftOf, problemsOf, type Draft, type Problems, type Typed } from './draft.js';

const words = texts.console.catalogue.form;

/** Makes an event type, or edits the one with this name. */
export function EventTypeDialog({ name, open, onClose }: { name: string | null; open: boolean; onClose: () => void }) {
  const { data, error, refetch } = useCatalogued(open ? name : null);
  return (
    <Dialog open={open} onClose={onClose} title={name === null ? words.create : words.edit(name)} wide>
      {error && <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />}
      {name !== null && !data && !error && <SkeletonLines lines={10} />}
      {(name === null || data) && <Form before={name === null ? null : data!} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ before, onClose }: { before: Catalogued | null; onClose: () => void }) {
  const [typed, setTyped] = useDraft<Typed | null>(`event type ${before?.name ?? ''}`, null);
  const draft = draftOf(before, typed ?? {});
  const [tried, setTried] = useState(false);
  const create = useCreateEventType();
  const patch = usePatchEventType();
  const toast = useToast();
  const sent = before === null ? create : patch;
  const fault = sent.error ? faultOf(sent.error) : null;
  const problems = problemsOf(draft);
  const done = () => {
    setTyped(null);
    toast(texts.console.catalogue.saved(draft.name));
    onClose();
  };
  const cancel = () => {
    setTyped(null);
    onClose();
  };
  const change = forgetting(sent)((next: Typed) => setTyped({ ...typed, version: draft.version, ...next }));
  const submit = () => {
    setTried(true);
    if (Object.keys(problems).length === 0) sent.mutate(changesOf(draft, before), { onSuccess: done });
  };
  return (
    <DialogForm onSubmit={submit} onCancel={cancel} action={words.save} busy={sent.isPending} fault={fault}>
      <Fields draft={draft} onChange={change} problems={tried ? problems : {}} isNew={before === null} />
    </DialogForm>
  );
}

function Fields(props: { draft: Draft; onChange: (typed: Typed) => void; problems: Problems; isNew: boolean }) {
  const { draft, onChange, problems, isNew } = props;
  const set = (name: keyof Draft) => (value: string) => onChange({ [name]: value });
  return (
    <>
      {isNew && (
        <TextField
          label={words.name}
          hint={words.nameHint}
          error={problems.name}
          value={draft.name}
          onChange={set('name')}
          required
          mono
          spellCheck={false}
        />
      )}
      <TextArea
        label={words.description}
        hint={words.descriptionHint}
        error={problems.description}
        value={draft.description}
        onChange={set('description')}
        rows={3}
        required
      />
      <TextArea
        label={words.example}
        hint={words.exampleHint}
        error={problems.example}
        value={draft.example}
        onChange={set('example')}
        rows={6}
        mono
        spellCheck={false}
      />
      <TextArea
        label={words.schema(draft.version)}
        hint={words.schemaHint}
        error={problems.schema}
        value={draft.schema}
        onChange={set('schema')}
        rows={8}
        mono
        spellCheck={false}
      />
      <TextField label={words.group} hint={words.groupHint} error={problems.group} value={draft.group} onChange={set('group')} />
      <TextField label={words.flags} hint={words.flagsHint} error={problems.flags} value={draft.flags} onChange={set('flags')} />
      <Checkbox label={words.deprecated} checked={draft.deprecated} onChange={(deprecated) => onChange({ deprecated })} />
    </>
  );
}
