import { Field } from '@base-ui/react/field';
import type { InputHTMLAttributes, ReactNode, TextareaHTMLAttributes } from 'react';
import * as texts from '../texts/en.js';
import styles from './field.module.css';

interface Shared {
  label: string;
  /** What the field is for, or what it may contain. */
  hint?: ReactNode;
  /** What is wrong with it. It is told to screen readers when it comes. */
  error?: string | null | undefined;
  value: string;
  onChange: (value: string) => void;
  /** The label is there for screen readers alone. */
  labelUnseen?: boolean;
  /** For ids, URLs and payloads. */
  mono?: boolean;
  /** Stands at the end of the field, such as a button that shows a password. */
  end?: ReactNode;
}

type TextFieldProps = Shared & Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange'>;
type TextAreaProps = Shared & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'value' | 'onChange'>;

/** A field for one line of text. */
export function TextField({ label, hint, error, value, onChange, labelUnseen, mono, end, ...input }: TextFieldProps) {
  return (
    <Frame {...{ label, hint, error, labelUnseen }} required={input.required}>
      <div className={styles['line']}>
        <Field.Control
          render={<input {...input} className={`${styles['input']} ${mono ? 'mono' : ''}`} />}
          value={value}
          onValueChange={onChange}
        />
        {end}
      </div>
    </Frame>
  );
}

/** A field for a whole number. It stays the text that was written, for the form to judge; '' is no number. */
export function NumberField(props: TextFieldProps) {
  return <TextField {...props} inputMode="numeric" onChange={(value) => props.onChange(value.trim())} />;
}

/** A field for several lines. */
export function TextArea({ label, hint, error, value, onChange, labelUnseen, mono, end, rows = 6, ...input }: TextAreaProps) {
  return (
    <Frame {...{ label, hint, error, labelUnseen }} required={input.required}>
      <Field.Control
        render={<textarea {...input} rows={rows} className={`${styles['input']} ${styles['area']} ${mono ? 'mono' : ''}`} />}
        value={value}
        onValueChange={onChange}
      />
      {end}
    </Frame>
  );
}

type FrameProps = {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  labelUnseen?: boolean | undefined;
  required?: boolean | undefined;
  children: ReactNode;
};

function Frame({ label, hint, error, labelUnseen, required, children }: FrameProps) {
  return (
    <Field.Root className={styles['field']} invalid={Boolean(error)}>
      <Field.Label className={labelUnseen ? 'unseen' : styles['label']}>
        {label}
        {required && <span className={styles['required']}> · {texts.kit.required}</span>}
      </Field.Label>
      {children}
      {hint !== undefined && <Field.Description className={styles['hint']}>{hint}</Field.Description>}
      {error && (
        <Field.Error match className={styles['error']} role="alert">
          {error}
        </Field.Error>
      )}
    </Field.Root>
  );
}

/** Fields below each other, and the buttons of the form. */
export function FormFields({ children }: { children: ReactNode }) {
  return <div className={styles['form']}>{children}</div>;
}
