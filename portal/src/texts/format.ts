/** Numbers, times and lengths in the words of the reader's language. The language is that of the texts. */
const LANGUAGE = 'en';

const numbers = new Intl.NumberFormat(LANGUAGE);
const shortNumbers = new Intl.NumberFormat(LANGUAGE, { notation: 'compact', maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(LANGUAGE, { style: 'percent', maximumFractionDigits: 1 });
const plurals = new Intl.PluralRules(LANGUAGE);
const relatives = new Intl.RelativeTimeFormat(LANGUAGE, { style: 'short' });
/** "now". Of days the word would be wrong: 30 hours ago may be the day before yesterday. */
const moments = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto', style: 'short' });
const exacts = new Intl.DateTimeFormat(LANGUAGE, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
  timeZoneName: 'short',
});
const clocks = new Intl.DateTimeFormat(LANGUAGE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});
const shortTimes = new Intl.DateTimeFormat(LANGUAGE, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** 12,345 */
export const number = (value: number | bigint): string => numbers.format(value);
/** 12.3K, for axes and small places. */
export const shortNumber = (value: number): string => shortNumbers.format(value);
const LEAST = 0.001;

/** 0.984 as 98.4 %. 0 % and 100 % are none and all: what is nearly so says so. */
export function percent(share: number): string {
  if (share > 0 && share < LEAST) return `<${percents.format(LEAST)}`;
  return share < 1 && share > 1 - LEAST ? `>${percents.format(1 - LEAST)}` : percents.format(share);
}

/** "1 endpoint", "3 endpoints". */
export function count(value: number, one: string, other: string): string {
  return `${number(value)} ${plurals.select(value) === 'one' ? one : other}`;
}

/** "3 min. ago", "in 2 hr." */
export function relative(time: Date, now: number): string {
  const seconds = (time.getTime() - now) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const);
  return (unit === 'second' ? moments : relatives).format(Math.trunc(seconds / length), unit);
}

/** Day, time to the millisecond and time zone. */
export const exact = (time: Date): string => exacts.format(time);
/** 14:02:11.204 */
export const clock = (time: Date): string => clocks.format(time);
/** Day and minute, for axes and tables. */
export const shortTime = (time: Date): string => shortTimes.format(time);

/** 84 ms, 15.0 s, 5 min 12 s, 3 h 10 min. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 1440)} days`;
}

/** 5 s, 5 min, 10 h: of seconds, to two digits. */
export function roughly(seconds: number): string {
  if (seconds < 120) return `${number(seconds)} s`;
  const [length, unit] = seconds < 7_200 ? [60, 'min'] : [3_600, 'h'];
  return `${number(Math.round((seconds / length) * 10) / 10)} ${unit}`;
}

/** 512 B, 1.2 KB. */
export function bytes(size: number): string {
  if (size < 1_000) return `${size} B`;
  return size < 1_000_000 ? `${(size / 1_000).toFixed(1)} KB` : `${(size / 1_000_000).toFixed(1)} MB`;
}
