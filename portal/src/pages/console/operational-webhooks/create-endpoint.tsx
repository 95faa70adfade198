import { useState } from 'react';
import {
  NEW_OPERATIONAL_ENDPOINT,
  OPERATIONAL_TYPES,
  useCreateOperationalEndpoint,
} from '../../../api/console/operational-webhooks.js';
import { urlProblem } from '../../../api/endpoint-url.js';
import { faultOf } from '../../../api/errors.js';
import { useSettings } from '../../../api/settings.js';
import { textProblem } from '../../../api/text-rules.js';
import { Checkbox } from '../../../kit/checkbox.js';
import { Dialog } from '../../../kit/dialog.js';
import { useDraft } from '../../../kit/draft.js';
import { TextField } from '../../../kit/field.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';
import styles from '../shared/console.module.css';
import { DialogForm, forgetting } from '../shared/form.js';

const { form: words, types, created } = texts.console.operationalWebhooks;

interface Draft {
  url: string;
  description: string;
  /** Null for all. */
  chosen: readonly string[] | null;
}

const EMPTY: Draft = { url: '', description: '', chosen: null };

/** Asks for a URL of the team, and what it is to hear of. */
export function CreateOperationalEndpoint({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={words.title}>
      <Fields onClose={onClose} />
    </Dialog>
  );
}

function Fields({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useDraft(NEW_OPERATIONAL_ENDPOINT, EMPTY);
  const { url, description, chosen } = draft;
  const [tried, setTried] = useState(false);
  const create = useCreateOperationalEndpoint();
  const toast = useToast();
  const fault = create.error ? faultOf(create.error) : null;
  const { urls } = useSettings();
  const badUrl = urlProblem(url, urls);
  const badDescription = textProblem(description);
  const edit = forgetting(create)((typed: Partial<Draft>) => setDraft({ ...draft, ...typed }));
  const close = () => {
    setDraft(EMPTY);
    onClose();
  };
  const submit = () => {
    setTried(true);
    if (badUrl !== null || badDescription !== null || chosen?.length === 0) return;
    create.mutate(
      { url: url.trim(), ...(description !== '' && { description }), ...(chosen && { eventTypes: [...chosen] }) },
      {
        onSuccess: () => {
          create.fulfilled();
          toast(created(url));
          close();
        },
      },
    );
  };
  return (
    <DialogForm onSubmit={submit} onCancel={close} action={words.action} busy={create.isPending} fault={fault}>
      <TextField
        label={words.url}
        hint={words.urlHint}
        error={(tried && badUrl) || fault?.fields['url']}
        value={url}
        onChange={(typed) => edit({ url: typed })}
        type="url"
        required
        mono
        spellCheck={false}
      />
      <TextField
        label={words.description}
        error={badDescription}
        value={description}
        onChange={(typed) => edit({ description: typed })}
      />
      <Types
        chosen={chosen}
        onChange={(types) => edit({ chosen: types })}
        error={tried && chosen?.length === 0 ? words.noEvents : null}
      />
    </DialogForm>
  );
}

function Types(props: {
  chosen: readonly string[] | null;
  onChange: (chosen: readonly string[] | null) => void;
  error: string | null;
}) {
  const { chosen, onChange, error } = props;
  return (
    <fieldset className={styles['choices']}>
      <legend>{words.events}</legend>
      <Checkbox label={words.everything} checked={chosen === null} onChange={(all) => onChange(all ? null : [])} />
      {chosen !== null &&
        OPERATIONAL_TYPES.map((type) => (
          <Checkbox
            key={type}
            label={<span className="mono">{type}</span>}
            hint={types[type]}
            checked={chosen.includes(type)}
            onChange={(on) => onChange(on ? [...chosen, type] : chosen.filter((one) => one !== type))}
          />
        ))}
      {error !== null && <p role="alert">{error}</p>}
    </fieldset>
  );
}
