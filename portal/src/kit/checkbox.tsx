import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Switch as BaseSwitch } from '@base-ui/react/switch';
import type { ReactNode } from 'react';
import styles from './field.module.css';
import { Icon } from './icon.js';

interface ChoiceProps {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  /** Why it can't be changed. It is told below the label. */
  cannot?: string | null;
}

/** A yes or no that is sent with its form. */
export function Checkbox({ label, hint, checked, onChange, cannot }: ChoiceProps) {
  return (
    <label className={styles['choice']}>
      <BaseCheckbox.Root
        className={styles['box']}
        checked={checked}
        onCheckedChange={(next) => onChange(next)}
        readOnly={Boolean(cannot)}
      >
        <BaseCheckbox.Indicator>
          <Icon name="check" size={14} />
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      <Words {...{ label, hint, cannot }} />
    </label>
  );
}

/** An on or off that holds at once. */
export function Switch({ label, hint, checked, onChange, cannot }: ChoiceProps) {
  return (
    <label className={styles['choice']}>
      <BaseSwitch.Root
        className={styles['switch']}
        checked={checked}
        onCheckedChange={(next) => onChange(next)}
        readOnly={Boolean(cannot)}
      >
        <BaseSwitch.Thumb className={styles['thumb']} />
      </BaseSwitch.Root>
      <Words {...{ label, hint, cannot }} />
    </label>
  );
}

function Words({ label, hint, cannot }: { label: ReactNode; hint?: ReactNode; cannot?: string | null | undefined }) {
  return (
    <span>
      {label}
      {hint !== undefined && <span className={`${styles['hint']} ${styles['field']}`}>{hint}</span>}
      {cannot && <span className={`${styles['hint']} ${styles['field']}`}>{cannot}</span>}
    </span>
  );
}
