import { useEffect } from 'react';
import { Link } from 'react-router';
import { useSettings } from '../api/settings.js';
import { Skeleton } from '../kit/states.js';
import horn from '../style/horn.svg';
import { askedAppearance } from './appearance.js';
import styles from './shell.module.css';

/** The team's logo and name, or the horn. It leads to the first page. */
export function Brand({ fallback }: { fallback: string }) {
  const { ready, name, logo, accent } = useSettings();
  const asked = askedAppearance();
  useEffect(() => {
    const { style } = document.documentElement;
    // What the embedding page asks for holds.
    if (!accent || asked.accent !== null) return;
    style.setProperty('--accent', `light-dark(${accent.light}, ${accent.dark})`);
    return () => void style.removeProperty('--accent');
  }, [accent, asked]);
  return (
    <Link to="/" className={styles['brand']}>
      {ready ? (
        <>
          <img src={asked.icon ?? logo ?? horn} alt="" width={24} height={24} />
          <span>{name ?? fallback}</span>
        </>
      ) : (
        <Skeleton width="120px" height="24px" />
      )}
    </Link>
  );
}
