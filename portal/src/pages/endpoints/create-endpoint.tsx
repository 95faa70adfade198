import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { useApplication, useCannot } from '../../api/application.js';
import { newEndpointOf, useCreateEndpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { useSettings } from '../../api/settings.js';
import { Button } from '../../kit/button.js';
import { useDraft } from '../../kit/draft.js';
import { CancelButton, Dialog } from '../../kit/dialog.js';
import { TextField } from '../../kit/field.js';
import { ErrorBox } from '../../kit/states.js';
import { useToast } from '../../kit/toast.js';
import * as texts from '../../texts/en.js';
import { MainFields, MoreFields } from './endpoint-fields.js';
import { problemsOf, type EndpointValues } from './endpoint-rules.js';
import { EMPTY, endpointInOf, problemsAtFields } from './form-values.js';
import styles from './form.module.css';
import { HeaderFields } from './header-fields.js';

const words = texts.endpoints.form;

/** Makes an endpoint: one field is needed, the others are behind "More settings". */
export function CreateEndpoint({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={words.title} text={words.text} wide>
      <CreateForm onClose={onClose} />
    </Dialog>
  );
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const { values, change, problems, fault, isPending, submit, forget } = useCreateForm();
  const cannot = useCannot('ManageEndpoint');
  const form = useRef<HTMLFormElement>(null);
  // The first field, not the button that closes.
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const fields = { values, problems, onChange: change };
  return (
    <form ref={form} onSubmit={submit} noValidate className={styles['form']}>
      <MainFields {...fields} />
      <details className={styles['more']} open={hasProblemInMore(problems) || undefined}>
        <summary>{words.more}</summary>
        <div>
          <MoreFields {...fields} />
          <TextField
            label={words.secret.label}
            hint={words.secret.hint}
            mono
            autoComplete="off"
            spellCheck={false}
            value={values.secret}
            error={problems['secret']}
            onChange={(secret) => change({ secret: secret.trim() })}
          />
          <HeaderFields rows={values.headers} onChange={(headers) => change({ headers })} problems={problems} cannot={cannot} />
        </div>
      </details>
      {fault && <ErrorBox fault={fault} />}
      <div className={styles['buttons']}>
        <Button type="submit" look="primary" busy={isPending} cannot={cannot}>
          {words.create}
        </Button>
        <CancelButton
          onClick={() => {
            forget();
            onClose();
          }}
        />
      </div>
    </form>
  );
}

const hasProblemInMore = (problems: Record<string, string>) =>
  Object.keys(problems).some((name) => !['url', 'description', 'eventTypes'].includes(name));

function useCreateForm() {
  const { appId, at } = useApplication();
  const [values, setValues] = useDraft<EndpointValues>(newEndpointOf(appId), EMPTY);
  const [tried, setTried] = useState(false);
  const { mutate, isPending, error, reset, fulfilled } = useCreateEndpoint();
  const navigate = useNavigate();
  const toast = useToast();
  const { urls } = useSettings();
  const fault = error ? faultOf(error) : null;
  const problems = { ...(fault && problemsAtFields(fault.fields, values)), ...(tried && problemsOf(values, urls)) };
  const change = (next: Partial<EndpointValues>) => {
    // The answer would come to a form that asks for something else.
    if (isPending) return;
    setValues({ ...values, ...next });
    reset();
  };
  const forget = () => setValues(EMPTY);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const form = event.currentTarget;
    if (Object.keys(problemsOf(values, urls)).length > 0)
      return requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    return mutate(endpointInOf(values), {
      onSuccess: ({ id, url }) => {
        fulfilled();
        forget();
        toast(words.created(url));
        void navigate(at(`/endpoints/${id}?tab=testing`), { replace: true });
      },
    });
  };
  return { values, change, problems, fault, isPending, submit, forget };
}
