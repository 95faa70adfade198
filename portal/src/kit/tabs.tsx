import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import { useAddress } from './address.js';
import styles from './tabs.module.css';

export interface TabItem {
  id: string;
  label: ReactNode;
  content: () => ReactNode;
}

/** Parts of a page, one at a time. The open one stands in the address (`?tab=…`); the first is the default. */
export function Tabs({ label, items, name = 'tab' }: { label: string; items: readonly TabItem[]; name?: string }) {
  const [given, setOpen] = useAddress(name, items[0]?.id);
  const open = items.some(({ id }) => id === given) ? given : (items[0]?.id ?? '');
  return (
    <Base.Root value={open} onValueChange={(next: string) => setOpen(next, true)} className={styles['tabs']}>
      <Base.List aria-label={label} className={styles['list']}>
        {items.map((item) => (
          <Base.Tab key={item.id} value={item.id} className={styles['tab']}>
            {item.label}
          </Base.Tab>
        ))}
      </Base.List>
      {items.map((item) => (
        <Base.Panel key={item.id} value={item.id} className={styles['panel']}>
          {item.id === open && item.content()}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
