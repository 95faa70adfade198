import { useState } from 'react';
import { NEW_KEY, SCOPES, useCreateApiKey, type Scope } from '../../../api/console/api-keys.js';
import { faultOf } from '../../../api/errors.js';
import { Dialog } from '../../../kit/dialog.js';
import { useDraft } from '../../../kit/draft.js';
import { TextField } from '../../../kit/field.js';
import { Select } from '../../../kit/select.js';
import * as texts from '../../../texts/en.js';
import { DialogForm, forgetting } from '../shared/form.js';
import { keyProblems } from '../shared/rules.js';
import { ShownKey } from './shown-key.js';

const { form: words, scopes, scopeHints } = texts.console.keys;
const DAY_SECONDS = 86_400;
const EXPIRIES = { never: null, month: 30 * DAY_SECONDS, quarter: 90 * DAY_SECONDS, year: 365 * DAY_SECONDS } as const;
type Expiry = keyof typeof EXPIRIES;
const EXPIRY_OPTIONS = (Object.keys(EXPIRIES) as Expiry[]).map((value) => ({ value, label: words.expiries[value] }));
interface Draft {
  name: string;
  scope: Scope;
  appId: string;
  expiry: Expiry;
}

const EMPTY: Draft = { name: '', scope: 'send', appId: '', expiry: 'never' };
const SCOPE_OPTIONS = SCOPES.map((value) => ({ value, label: scopes[value] }));

/** Asks what a key is for and what it may, and shows it once. */
export function CreateKey({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [token, setToken] = useState<string | null>(null);
  const close = () => {
    onClose();
    setToken(null);
  };
  return (
    <>
      <Dialog open={open && token === null} onClose={close} title={words.title}>
        <Fields onClose={close} onMade={setToken} />
      </Dialog>
      <ShownKey token={token} onClose={close} />
    </>
  );
}

function Fields({ onClose, onMade }: { onClose: () => void; onMade: (token: string) => void }) {
  const [draft, setDraft] = useDraft(NEW_KEY, EMPTY);
  const { name, scope, appId, expiry } = draft;
  const [tried, setTried] = useState(false);
  const create = useCreateApiKey();
  const fault = create.error ? faultOf(create.error) : null;
  const problems = keyProblems({ name, appId });
  const edit = forgetting(create)((typed: Partial<Draft>) => setDraft({ ...draft, ...typed }));
  const forget = () => setDraft(EMPTY);
  const cancel = () => {
    forget();
    onClose();
  };
  const submit = () => {
    setTried(true);
    if (problems.name ?? problems.appId) return;
    create.mutate(
      { name: name.trim(), scopes: [scope], appId: appId.trim() || null, expiry: EXPIRIES[expiry] },
      {
        onSuccess: ({ token }) => {
          create.fulfilled();
          forget();
          onMade(token);
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
      <Select
        label={words.scope}
        options={SCOPE_OPTIONS}
        value={scope}
        onChange={(chosen) => edit({ scope: chosen })}
        hint={scopeHints[scope]}
      />
      <TextField
        label={words.application}
        hint={words.applicationHint}
        error={problems.appId ?? fault?.fields['appId']}
        value={appId}
        onChange={(typed) => edit({ appId: typed })}
        mono
        spellCheck={false}
      />
      <Select label={words.expires} options={EXPIRY_OPTIONS} value={expiry} onChange={(chosen) => edit({ expiry: chosen })} />
    </DialogForm>
  );
}
