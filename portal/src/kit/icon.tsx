/** Outlines on a grid of 16, drawn with the colour of the text. */
const PATHS = {
  overview: 'M2 13V9m4 4V4m4 9V7m4 6V2',
  endpoints: 'M6.5 9.5 9.5 6.5M7 4.5l1.6-1.6a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.6 1.6a3.2 3.2 0 0 1-4.5-4.5L4.5 7',
  messages: 'M2 4h12v8H2zM2 4.5 8 9l6-4.5',
  types: 'M2.5 2.5h5l6 6-5 5-6-6zM5.5 5.5h0',
  verify: 'M8 1.5 13.5 4v4c0 3-2.3 5.4-5.5 6.5C4.8 13.4 2.5 11 2.5 8V4zM5.5 8l1.8 1.8L10.5 6.5',
  health: 'M1.5 8.5h3l2-5 3 9 2-4h3',
  applications: 'M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.8 10.8 14 14',
  dead: 'M2 9.5h3.5l1 2h3l1-2H14M2 9.5V13h12V9.5L11.5 3h-7z',
  tasks: 'M2 4l1.5 1.5L6 3M2 10l1.5 1.5L6 9M8.5 4.5H14M8.5 10.5H14',
  webhooks: 'M8 2v4M4 8h8M4 8v3M12 8v3M8 6v2M2.5 11h3v3h-3zM10.5 11h3v3h-3z',
  keys: 'M6 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8.2 7.8 13.5 2.5M11 5l2 2',
  audit: 'M4 1.5h6l3 3v10H4zM6 7h5M6 10h5',
  processes: 'M2 2.5h12v4.5H2zM2 9h12v4.5H2zM4.5 4.8h0M4.5 11.3h0',
  more: 'M3 8h0M8 8h0M13 8h0',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  theme:
    'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.5 3.5l.7.7M11.8 11.8l.7.7M3.5 12.5l.7-.7M11.8 4.2l.7-.7',
  out: 'M6 2.5H2.5v11H6M10 5l3 3-3 3M13 8H6',
  plus: 'M8 3v10M3 8h10',
  warning: 'M8 2 14.5 13.5h-13zM8 6.5v3M8 11.5h0',
  external: 'M9 2.5h4.5V7M13.5 2.5 7.5 8.5M11.5 9v4.5h-9v-9H7',
  refresh: 'M13.5 3v3.5H10M13.3 6.5A5.5 5.5 0 1 0 13.5 9',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a word. It is hidden from screen readers: the word says it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      focusable={false}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
