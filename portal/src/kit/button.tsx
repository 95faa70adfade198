import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link, type LinkProps } from 'react-router';
import styles from './button.module.css';
import { Icon, type IconName } from './icon.js';
import { Tip } from './tip.js';

type Look = 'plain' | 'primary' | 'danger' | 'quiet';

interface Shared {
  look?: Look;
  icon?: IconName;
  small?: boolean;
  /** Why it can't be done now. The button stays, can be focused, and tells this. */
  cannot?: string | null | undefined;
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement>, Shared {
  /** Something is under way. The button waits, and keeps its size. */
  busy?: boolean;
}

const classOf = ({ look = 'plain', small }: Shared, more = '') =>
  `${styles['button']} ${styles[look]} ${small ? styles['small'] : ''} ${more}`;

/** A button with words. `type="submit"` sends the form around it. */
export function Button({
  look,
  icon,
  small,
  cannot,
  busy = false,
  className,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  const refused = busy || (cannot ?? null) !== null;
  const button = (
    <button
      {...rest}
      type={refused ? 'button' : type}
      className={classOf({ ...(look && { look }), ...(small && { small }) }, className)}
      aria-disabled={refused || undefined}
      aria-busy={busy || undefined}
      onClick={refused ? (event) => event.preventDefault() : onClick}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
  return cannot ? <Tip text={cannot}>{button}</Tip> : button;
}

/** A button with a picture alone. `label` says what it does, also to those who see it. */
export function IconButton({ label, icon, ...rest }: Omit<ButtonProps, 'children'> & { label: string; icon: IconName }) {
  const button = <Button {...rest} icon={icon} look={rest.look ?? 'quiet'} aria-label={label} className={styles['icon'] ?? ''} />;
  return rest.cannot ? button : <Tip text={label}>{button}</Tip>;
}

/** A link that looks like a button: it leads to another page. */
export function ButtonLink({ look, icon, small, children, ...rest }: LinkProps & Shared & { children: ReactNode }) {
  const className = classOf({ ...(look && { look }), ...(small && { small }) });
  if (rest.cannot)
    return (
      <Button look={look ?? 'plain'} cannot={rest.cannot} {...(icon && { icon })}>
        {children}
      </Button>
    );
  const { cannot: _, ...link } = rest;
  return (
    <Link {...link} className={className}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}
