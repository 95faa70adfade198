import { useSyncExternalStore } from 'react';
import { choose, currentTheme, onTheme, type Theme } from './theme.js';

/** The theme, and how to change it. */
export const useTheme = (): [Theme, (theme: Theme) => void] => [useSyncExternalStore(onTheme, currentTheme), choose];
