import { useState, type FormEvent } from 'react';
import { usePatchHeaders, type EndpointHeaders } from '../../api/endpoint-headers.js';
import { usePatchEndpoint, type Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { useSettings } from '../../api/settings.js';
import { Button } from '../../kit/button.js';
import { useDraft } from '../../kit/draft.js';
import { ErrorBox } from '../../kit/states.js';
import { useToast } from '../../kit/toast.js';
import * as texts from '../../texts/en.js';
import { MainFields, MoreFields } from './endpoint-fields.js';
import { problemsOf, type EndpointValues, type HeaderRow } from './endpoint-rules.js';
import { headersPatchOf, patchOf, problemsAtFields, valuesOf } from './form-values.js';
import styles from './form.module.css';
import { HeaderFields } from './header-fields.js';

const words = texts.endpoints.form;
/** What was typed, and the headers that the form was filled with when the first of them was changed. */
type Typed = Partial<EndpointValues> & { headersBefore?: HeaderRow[] };

const UNTOUCHED: Typed = {};

interface FormProps {
  endpoint: Endpoint;
  /** Undefined if they could not be read: then they are left as they are. */
  headers: EndpointHeaders | undefined;
  cannot: string | null;
}

/** The settings of an endpoint. What is not touched follows the server; what is typed stays until it is saved or discarded. */
export function SettingsForm({ endpoint, headers, cannot }: FormProps) {
  const { values, change, problems, fault, isDirty, busy, submit, discard } = useSettingsForm(endpoint, headers);
  const fields = { values, problems, onChange: change, readOnly: cannot !== null };
  return (
    <form onSubmit={submit} noValidate className={`${styles['form']} ${styles['settings']}`}>
      <MainFields {...fields} />
      <MoreFields {...fields} />
      {headers && (
        <HeaderFields rows={values.headers} onChange={(rows) => change({ headers: rows })} problems={problems} cannot={cannot} />
      )}
      {fault && <ErrorBox fault={fault} />}
      {isDirty && (
        <div className={styles['bar']}>
          <Button type="submit" look="primary" busy={busy} cannot={cannot}>
            {words.save}
          </Button>
          <Button onClick={discard} cannot={busy ? texts.kit.changing : null}>
            {words.discard}
          </Button>
          <span className="muted" role="status">
            {words.unsaved}
          </span>
        </div>
      )}
    </form>
  );
}

function useSettingsForm(endpoint: Endpoint, headers: EndpointHeaders | undefined) {
  const [typed, setTyped] = useDraft(`settings ${endpoint.id}`, UNTOUCHED);
  const [tried, setTried] = useState(false);
  const patch = usePatchEndpoint();
  const patchHeaders = usePatchHeaders(endpoint.id);
  const toast = useToast();
  const { urls } = useSettings();
  const before = valuesOf(endpoint, headers);
  const { headersBefore = before.headers, ...changed } = typed;
  const values = { ...before, ...changed };
  const forgetAnswers = () => {
    patch.reset();
    patchHeaders.reset();
  };
  const busy = patch.isPending || patchHeaders.isPending;
  const change = (next: Partial<EndpointValues>) => {
    // What is typed while it is saved would be taken for saved.
    if (busy) return;
    forgetAnswers();
    setTyped({ ...typed, ...(next.headers && { headersBefore }), ...next });
  };
  const fields = patchOf(before, values);
  const headerChanges = headersPatchOf(headersBefore, values.headers);
  const hasNewRow = values.headers.length !== headersBefore.length;
  const error = patch.error ?? patchHeaders.error;
  const fault = error ? faultOf(error) : null;
  const problems = { ...(fault && problemsAtFields(fault.fields, values)), ...(tried && problemsOf(values, urls)) };
  const discard = () => {
    setTyped(UNTOUCHED);
    setTried(false);
    forgetAnswers();
  };
  const save = async () => {
    forgetAnswers();
    if (fields) await patch.mutateAsync({ id: endpoint.id, ...fields });
    if (headerChanges) await patchHeaders.mutateAsync(headerChanges);
    discard();
    toast(words.saved);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const form = event.currentTarget;
    if (Object.keys(problemsOf(values, urls)).length > 0)
      requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    // The problem is shown from the mutation that has it.
    else save().catch(() => undefined);
  };
  const isDirty = fields !== null || headerChanges !== null || hasNewRow;
  return { values, change, problems, fault, isDirty, busy, submit, discard };
}
