import { useState } from 'react';
import { useNavigate } from 'react-router';
import { NEW_APPLICATION, useCreateApplication } from '../../../api/console/applications.js';
import { faultOf } from '../../../api/errors.js';
import { Dialog } from '../../../kit/dialog.js';
import { useDraft } from '../../../kit/draft.js';
import { TextField } from '../../../kit/field.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';
import { DialogForm, forgetting } from '../shared/form.js';
import { applicationProblems } from '../shared/rules.js';

const words = texts.console.applications.form;
const EMPTY = { name: '', uid: '' };

/** Asks for the name of a customer, and the team's own id of it. */
export function CreateApplication({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={words.title}>
      <Fields onClose={onClose} />
    </Dialog>
  );
}

function Fields({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useDraft(NEW_APPLICATION, EMPTY);
  const { name, uid } = draft;
  const [tried, setTried] = useState(false);
  const create = useCreateApplication();
  const navigate = useNavigate();
  const toast = useToast();
  const fault = create.error ? faultOf(create.error) : null;
  const problems = applicationProblems({ name, uid });
  const edit = forgetting(create)((typed: Partial<typeof EMPTY>) => setDraft({ ...draft, ...typed }));
  const cancel = () => {
    setDraft(EMPTY);
    onClose();
  };
  const submit = () => {
    setTried(true);
    if (problems.name ?? problems.uid) return;
    create.mutate(
      { name: name.trim(), ...(uid !== '' && { uid }) },
      {
        onSuccess: ({ id }) => {
          setDraft(EMPTY);
          create.fulfilled();
          toast(texts.console.applications.created(name));
          void navigate(`/applications/${id}`);
        },
      },
    );
  };
  return (
    <DialogForm onSubmit={submit} onCancel={cancel} action={words.action} busy={create.isPending} fault={fault}>
      <TextField
        label={words.name}
        hint={words.nameHint}
        error={(tried && problems.name) || fault?.fields['name']}
        value={name}
        onChange={(typed) => edit({ name: typed })}
        required
      />
      <TextField
        label={words.uid}
        hint={words.uidHint}
        error={problems.uid ?? fault?.fields['uid']}
        value={uid}
        onChange={(typed) => edit({ uid: typed })}
        mono
        spellCheck={false}
      />
    </DialogForm>
  );
}
