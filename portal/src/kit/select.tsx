import { Field } from '@base-ui/react/field';
import { Select as Base } from '@base-ui/react/select';
import styles from './field.module.css';
import { Icon } from './icon.js';
import popup from './popup.module.css';

export interface Option<Value extends string> {
  value: Value;
  label: string;
}

/** A choice of one out of a few. */
export function Select<Value extends string>(props: {
  label: string;
  options: readonly Option<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  labelUnseen?: boolean;
  hint?: string;
}) {
  const { label, options, value, onChange, labelUnseen, hint } = props;
  return (
    <Field.Root className={styles['field']}>
      <Base.Root items={options} value={value} onValueChange={(next) => next !== null && onChange(next)} modal={false}>
        <Base.Label className={labelUnseen ? 'unseen' : styles['label']}>{label}</Base.Label>
        <Base.Trigger className={styles['trigger']}>
          <Base.Value className={styles['chosen']} />
          <Icon name="down" />
        </Base.Trigger>
        <Base.Portal>
          <Base.Positioner sideOffset={4} collisionPadding={8} alignItemWithTrigger={false} className={popup['positioner']}>
            <Base.Popup className={popup['popup']}>
              <Base.List>
                {options.map((option) => (
                  <Base.Item key={option.value} value={option.value} className={popup['item']}>
                    <Base.ItemText className={styles['option']}>{option.label}</Base.ItemText>
                    <Base.ItemIndicator>
                      <Icon name="check" />
                    </Base.ItemIndicator>
                  </Base.Item>
                ))}
              </Base.List>
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
      {hint !== undefined && <Field.Description className={styles['hint']}>{hint}</Field.Description>}
    </Field.Root>
  );
}
