import { useEffect, useRef, useState, type ComponentProps } from 'react';
import { useAddress } from './address.js';
import { TextField } from './field.js';

const TYPED_MS = 400;

type Props = { name: string } & Omit<ComponentProps<typeof TextField>, 'name' | 'value' | 'onChange'>;

/** A text of the address. It is set once the person stops typing: the address is slower than fingers. */
export function AddressField({ name, ...field }: Props) {
  const [value, setValue] = useAddress(name);
  const [text, setText] = useState(value);
  const last = useRef(value);
  useEffect(() => {
    if (value === last.current) return;
    last.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text.trim() === last.current) return;
    const timer = setTimeout(() => {
      last.current = text.trim();
      setValue(text.trim());
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [text, setValue]);
  return <TextField {...field} value={text} onChange={setText} autoComplete="off" spellCheck={false} />;
}
