import { useEffect, useEffectEvent, useRef, useState, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import * as texts from '../texts/en.js';
import { shortTime } from '../texts/format.js';
import type { ChartProps } from './chart.js';
import styles from './chart.module.css';
import { dataOf, optionsOf } from './plot-options.js';

type PlotProps = Required<ChartProps>;

/** The drawing of a chart, with a cursor that mouse and arrow keys move. What it stands on is read out. */
export function Plot(props: PlotProps) {
  const { label, times, series, format, height } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const theme = useTheme();
  const shape = JSON.stringify([series.map(({ label: name, kind, tone, dashed }) => [name, kind, tone, dashed]), height, theme]);
  const shown = useEffectEvent(() => ({ times, series }));
  const draw = useEffectEvent((element: HTMLElement) => {
    const made = new uPlot(optionsOf(element, props, shown, setAt), dataOf(times, series), element);
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
  });
  // New values are handed to the same drawing; another form needs another one.
  useEffect(() => draw(place.current!), [shape]);
  useEffect(() => plot.current?.setData(dataOf(times, series)), [times, series]);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || !plot.current) return;
    event.preventDefault();
    const next = Math.min(Math.max((at ?? (step > 0 ? -1 : times.length)) + step, 0), times.length - 1);
    plot.current.setCursor({ left: plot.current.valToPos(times[next]!.getTime() / 1000, 'x'), top: 0 });
  };
  return (
    <div className={styles['plot']} tabIndex={0} role="group" aria-label={`${label}. ${texts.kit.chartHelp}`} onKeyDown={move}>
      <div ref={place} aria-hidden style={{ minHeight: height }} />
      <p className={styles['values']} role="status">
        {at !== null && times[at] && (
          <>
            <span>{shortTime(times[at])}</span>
            {series.map(({ label: name, values }) => (
              <span key={name}>
                {name} <b>{values[at] === null || values[at] === undefined ? '–' : format(values[at])}</b>
              </span>
            ))}
          </>
        )}
      </p>
    </div>
  );
}

/** Which colours hold now: the drawing does not follow them by itself. */
function useTheme(): string {
  const root = document.documentElement;
  const [theme, setTheme] = useState(root.dataset['theme'] ?? '');
  useEffect(() => {
    const watcher = new MutationObserver(() => setTheme(root.dataset['theme'] ?? ''));
    watcher.observe(root, { attributeFilter: ['data-theme'] });
    return () => watcher.disconnect();
  }, [root]);
  return theme;
}
