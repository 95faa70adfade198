import { useEffect, useRef, useState } from 'react';
import { useAddress } from '../../kit/address.js';
import { TextField } from '../../kit/field.js';
import { isoOf, localOf } from '../../kit/local-time.js';
import * as texts from '../../texts/en.js';

const { filters: words } = texts.messages;
const TYPED_MS = 800;

/**
 * A time of the address. While it is typed a part of it may be missing, and then a browser says that the field is empty: so the address is
 * set after a pause, once the time is whole, and cleared only when the field is left.
 */
export function TimeField({ name, label }: { name: string; label: string }) {
  const [iso, setIso] = useAddress(name);
  const [text, setText] = useState(() => localOf(iso));
  const last = useRef(iso);
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  useEffect(() => {
    if (iso === last.current) return;
    last.current = iso;
    setText(localOf(iso));
  }, [iso]);
  const set = (next: string | null) => {
    last.current = next ?? '';
    setIso(next);
  };
  useEffect(() => {
    const next = isoOf(text);
    if (next === null || text === localOf(last.current)) return;
    const timer = setTimeout(() => {
      last.current = next;
      setIso(next);
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [text, setIso]);
  return (
    <TextField
      label={label}
      type="datetime-local"
      step={1}
      title={words.zone(timeZone)}
      value={text}
      onChange={setText}
      onBlur={() => text !== localOf(iso) && set(isoOf(text))}
    />
  );
}
