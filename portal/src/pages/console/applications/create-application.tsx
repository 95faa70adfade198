import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useCreateApplication } from '../../../api/console/applications.js';
import { faultOf } from '../../../api/errors.js';
import { Dialog } from '../../../kit/dialog.js';
import { TextField } from '../../../kit/field.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';
import { DialogForm, forgetting } from '../shared/form.js';
import { applicationProblems } from '../shared/rules.js';

const words = texts.console.applications.form;

/** Asks for the name of a customer, and the team's own id of it. */
export function CreateApplication({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={words.title}>
      <Fields onClose={onClose} />
    </Dialog>
  );
}

function Fields({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [uid, setUid] = useState('');
  const [tried, setTried] = useState(false);
  const create = useCreateApplication();
  const navigate = useNavigate();
  const toast = useToast();
  const fault = create.error ? faultOf(create.error) : null;
  const problems = applicationProblems({ name, uid });
  const edited = forgetting(create);
  const submit = () => {
    setTried(true);
    if (problems.name ?? problems.uid) return;
    create.mutate(
      { name: name.trim(), ...(uid !== '' && { uid }) },
      {
        onSuccess: ({ id }) => {
          toast(texts.console.applications.created(name));
          void navigate(`/applications/${id}`);
        },
      },
    );
  };
  return (
    <DialogForm onSubmit={submit} onCancel={onClose} action={words.action} busy={create.isPending} fault={fault}>
      <TextField
        label={words.name}
        hint={words.nameHint}
        error={(tried && problems.name) || fault?.fields['name']}
        value={name}
        onChange={edited(setName)}
        required
      />
      <TextField
        label={words.uid}
        hint={words.uidHint}
        error={problems.uid ?? fault?.fields['uid']}
        value={uid}
        onChange={edited(setUid)}
        mono
        spellCheck={false}
      />
    </DialogForm>
  );
}
