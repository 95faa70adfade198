import { Combobox } from '@base-ui/react/combobox';
import { Field } from '@base-ui/react/field';
import { useState } from 'react';
import * as texts from '../texts/en.js';
import field from './field.module.css';
import { Icon } from './icon.js';
import styles from './multi-select.module.css';
import popup from './popup.module.css';
import { onceReleased } from './pressed.js';

/** More are found by typing. */
const MAX_SHOWN = 100;
const EMPTYING: readonly string[] = ['input-clear', 'escape-key'];

export interface MultiSelectProps {
  label: string;
  labelUnseen?: boolean;
  hint?: string;
  error?: string | null | undefined;
  placeholder?: string;
  /** What can be chosen; `note` stands beside it and is searched too. */
  options: readonly { value: string; note?: string }[];
  value: readonly string[];
  /** What is typed and not chosen. A form is not to be sent while there is some: it would be left out without a word. */
  typed: string;
  onChange: (value: string[], typed: string) => void;
  /** What is typed may be chosen although it is no option. */
  creatable?: boolean;
  readOnly?: boolean;
}

/** Several out of many, found by typing. What is chosen can be removed one by one. */
export function MultiSelect(props: MultiSelectProps) {
  const { label, labelUnseen, hint, error, placeholder, options, value, onChange } = props;
  const { typed, creatable = false, readOnly = false } = props;
  const [left, setLeft] = useState(false);
  const notes = new Map(options.map((option) => [option.value, option.note ?? '']));
  const fresh = typed.trim();
  const known = options.map((option) => option.value);
  const items = creatable && fresh !== '' && !notes.has(fresh) && !value.includes(fresh) ? [...known, fresh] : known;
  const search = (item: string, query: string) =>
    `${item} ${notes.get(item) ?? ''}`.toLowerCase().includes(query.trim().toLowerCase());
  // Whoever types a name and goes on means it. What is no name to choose from stays, with a word.
  const leave = () => {
    setLeft(true);
    if (!items.includes(fresh) && !value.includes(fresh)) return;
    onChange([...new Set([...value, fresh])], '');
  };
  const problem = error || (left && fresh !== '' ? texts.kit.notChosen(fresh) : null);
  return (
    <Field.Root className={field['field']} invalid={Boolean(problem)}>
      <Combobox.Root
        items={items}
        multiple
        readOnly={readOnly}
        value={[...value]}
        onValueChange={(next: string[], details) => {
          // Escape closes what is around the field; what was chosen stays.
          if (details.reason === 'escape-key') {
            details.cancel();
            return details.allowPropagation();
          }
          // A chosen one that is removed has nothing to do with what is typed.
          onChange(next, details.reason === 'item-press' ? '' : typed);
        }}
        onOpenChange={(next, details) => {
          // More can be chosen at once.
          if (!next && details.reason === 'item-press') details.cancel();
        }}
        inputValue={typed}
        // The field would empty itself as soon as its list is closed, and with Escape.
        onInputValueChange={(text, { reason }) => !EMPTYING.includes(reason) && onChange([...value], text)}
        filter={search}
        limit={MAX_SHOWN}
        autoHighlight={creatable}
      >
        <Field.Label className={labelUnseen ? 'unseen' : field['label']}>{label}</Field.Label>
        <Combobox.InputGroup className={styles['group']}>
          <Chosen {...{ value, placeholder, readOnly }} onFocus={() => setLeft(false)} onBlur={() => onceReleased(leave)} />
        </Combobox.InputGroup>
        <Combobox.Portal>
          <Combobox.Positioner sideOffset={4} collisionPadding={8} className={popup['positioner']}>
            <Combobox.Popup className={`${popup['popup']} ${styles['popup']}`}>
              <Combobox.Empty className={styles['none']}>{creatable ? texts.kit.typeName : texts.kit.noMatch}</Combobox.Empty>
              <Combobox.List>
                {(item: string) => (
                  <Combobox.Item key={item} value={item} className={popup['item']}>
                    <span className={styles['mark']}>
                      <Combobox.ItemIndicator>
                        <Icon name="check" />
                      </Combobox.ItemIndicator>
                    </span>
                    <span className={styles['words']}>
                      {notes.has(item) ? item : texts.kit.add(item)}
                      {notes.get(item) && <span className={popup['why']}>{notes.get(item)}</span>}
                    </span>
                  </Combobox.Item>
                )}
              </Combobox.List>
            </Combobox.Popup>
          </Combobox.Positioner>
        </Combobox.Portal>
      </Combobox.Root>
      {hint !== undefined && <Field.Description className={field['hint']}>{hint}</Field.Description>}
      {problem && (
        <Field.Error match className={field['error']} role="alert">
          {problem}
        </Field.Error>
      )}
    </Field.Root>
  );
}

function Chosen(props: {
  value: readonly string[];
  placeholder: string | undefined;
  readOnly: boolean;
  onFocus: () => void;
  onBlur: () => void;
}) {
  const { value, placeholder, readOnly, onFocus, onBlur } = props;
  return (
    <Combobox.Chips className={styles['chips']} aria-label={value.length > 0 ? texts.kit.chosen(value.length) : undefined}>
      {value.map((item) => (
        <Combobox.Chip key={item} className={styles['chip']} aria-label={item}>
          <span className={styles['words']}>{item}</span>
          {!readOnly && (
            <Combobox.ChipRemove className={styles['remove']} aria-label={texts.kit.remove(item)}>
              <Icon name="cross" size={12} />
            </Combobox.ChipRemove>
          )}
        </Combobox.Chip>
      ))}
      <Combobox.Input
        className={styles['input']}
        placeholder={value.length > 0 ? '' : placeholder}
        onFocus={onFocus}
        onBlur={onBlur}
      />
    </Combobox.Chips>
  );
}
