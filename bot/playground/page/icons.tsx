const PATHS = {
  emoji: 'M10 18a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM7 8.2v.1M13 8.2v.1M6.6 11.8a4 4 0 0 0 6.8 0',
  reply: 'M4 4.5h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H9l-4 3v-3H4a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Z',
  edit: 'm4 16 .7-3.3 8.4-8.4a1.4 1.4 0 0 1 2 0l.6.6a1.4 1.4 0 0 1 0 2l-8.4 8.4L4 16Z',
  trash: 'M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.7 11h7.6l.7-11M8.4 8.6v5M11.6 8.6v5',
  close: 'm5 5 10 10M15 5 5 15',
  send: 'M3.5 16.5 17 10 3.5 3.5 5.5 10l-2 6.5ZM5.5 10H11',
  sun: 'M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM10 1.8v1.7M10 16.5v1.7M1.8 10h1.7M16.5 10h1.7M4.2 4.2l1.2 1.2M14.6 14.6l1.2 1.2M15.8 4.2l-1.2 1.2M5.4 14.6l-1.2 1.2',
  moon: 'M16.5 12A7 7 0 0 1 8 3.5 7 7 0 1 0 16.5 12Z',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  hash: 'M7.6 3 6 17M14 3l-1.6 14M3.5 7.2h13.6M2.9 12.8h13.6',
  eye: 'M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5ZM10 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z',
  file: 'M5 2.5h6l4 4v11H5zM11 2.5v4h4',
} as const;

/** A line icon, of no meaning to a screen reader. */
export function Icon({ name, size = 18 }: { name: keyof typeof PATHS; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
