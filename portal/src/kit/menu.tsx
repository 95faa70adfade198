import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement } from 'react';
import { Link } from 'react-router';
import { Icon, type IconName } from './icon.js';
import styles from './popup.module.css';

/** One thing of a menu: it does something, or leads somewhere. */
export interface MenuItem {
  label: string;
  icon?: IconName;
  onSelect?: () => void;
  to?: string;
  danger?: boolean;
  /** Why it can't be done. It is told below the label. */
  cannot?: string | null;
}

/** A menu behind a button: `<Menu trigger={<IconButton …/>} items={[…]} />`. `null` draws a line. */
export function Menu({ trigger, items }: { trigger: ReactElement; items: readonly (MenuItem | null)[] }) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" collisionPadding={8} className={styles['positioner']}>
          <Base.Popup className={styles['popup']}>
            {items.map((item, at) =>
              item ? <Item key={item.label} {...item} /> : <Base.Separator key={at} className={styles['line']} />,
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Item({ label, icon, onSelect, to, danger, cannot }: MenuItem) {
  const className = `${styles['item']} ${danger ? styles['danger'] : ''} ${cannot ? styles['refused'] : ''}`;
  const inside = (
    <>
      {icon && <Icon name={icon} />}
      <span>
        {label}
        {cannot && <span className={styles['why']}>{cannot}</span>}
      </span>
    </>
  );
  if (to !== undefined && !cannot)
    return (
      <Base.LinkItem className={className} render={<Link to={to} />}>
        {inside}
      </Base.LinkItem>
    );
  return (
    <Base.Item
      className={className}
      closeOnClick={!cannot}
      aria-disabled={cannot ? true : undefined}
      onClick={cannot ? undefined : onSelect}
    >
      {inside}
    </Base.Item>
  );
}
