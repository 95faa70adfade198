import { Link, useSearchParams } from 'react-router';
import styles from './segments.module.css';

/** One of a few, all in sight: each is a link to the page with this choice in its address. The first is the default. Smaller than a Select. */
export function Segments(props: {
  label: string;
  name: string;
  value: string;
  options: readonly { value: string; label: string }[];
}) {
  const { label, name, value, options } = props;
  const [search] = useSearchParams();
  const to = (next: string) => {
    const params = new URLSearchParams(search);
    if (next === options[0]?.value) params.delete(name);
    else params.set(name, next);
    return `?${params}`;
  };
  return (
    <nav aria-label={label}>
      <ul className={styles['segments']}>
        {options.map((option) => (
          <li key={option.value}>
            <Link to={to(option.value)} preventScrollReset aria-current={option.value === value ? 'true' : undefined}>
              {option.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
