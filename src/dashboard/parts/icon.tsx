/** The few pictures of the page, drawn with lines of one width on a grid of sixteen. */

const PATHS = {
  now: "M1.500 8h3l2-5.500 3 11 2-5.500h3",
  campaigns: "M2 3.500h12M2 8h8.500M2 12.500h5.500M12 9.500l2.500 2.500L12 14.500",
  bans: "M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800ZM3.600 3.600l8.800 8.800",
  sources:
    "M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800ZM1.800 8h12.400M8 1.800c4.300 3.600 4.300 8.800 0 12.400M8 1.800c-4.300 3.600-4.300 8.800 0 12.400",
  ports:
    "M2 2.500h3v3H2zM6.500 2.500h3v3h-3zM11 2.500h3v3h-3zM2 7h3v3H2zM11 7h3v3h-3zM6.500 11.500h3v2.500h-3zM6.500 7h3v3h-3z",
  health:
    "M8 14S1.800 10.300 1.800 6A3.400 3.400 0 0 1 8 4.100 3.400 3.400 0 0 1 14.200 6C14.200 10.300 8 14 8 14Z",
  search: "M7 2.200a4.800 4.800 0 1 1 0 9.600 4.800 4.800 0 0 1 0-9.600ZM10.600 10.600 14 14",
  system: "M2 3h12v8H2zM5.500 13.500h5M8 11v2.500",
  dark: "M13.500 9.600A5.800 5.800 0 0 1 6.400 2.500a5.800 5.800 0 1 0 7.100 7.100Z",
  light:
    "M8 5.200a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600ZM8 1.200v1.500M8 13.300v1.500M1.200 8h1.500M13.300 8h1.500M3.200 3.200l1 1M11.800 11.800l1 1M3.200 12.800l1-1M11.800 4.200l1-1",
  help: "M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800ZM6.200 6.200A1.800 1.800 0 0 1 8 4.700c1 0 1.800.7 1.800 1.600C9.800 7.500 8 7.600 8 9M8 11.200v.1",
  leave: "M9.500 2.500H13v11H9.500M2 8h7.500M7 5.500 9.500 8 7 10.500",
  close: "M3.500 3.500l9 9M12.500 3.500l-9 9",
  warning: "M8 2.200 14.500 13.500h-13ZM8 6.500v3.200M8 11.500v.1",
  check: "M2.500 8.500 6 12l7.500-8",
  copy: "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
  trust:
    "M8 1.800 13.500 4v4c0 3.300-2.300 5.400-5.500 6.200C4.800 13.400 2.500 11.300 2.500 8V4ZM5.500 8 7.300 9.800 10.800 6",
  unban: "M4 7.500h8v6H4zM5.500 7.500V5a2.500 2.500 0 0 1 4.800-1",
  arrow: "M3 8h10M9.500 4.500 13 8l-3.500 3.500",
} as const;

export type IconName = keyof typeof PATHS;

/** Says nothing to whoever reads by ear: what it stands beside, or on, does. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="mark-beam" d="M16 16 6.800 6.800a13 13 0 0 1 18.400 0Z" />
      <path class="mark-base" d="M6.600 21a10.500 10.500 0 0 0 18.800 0" />
      <circle class="mark-eye" cx="16" cy="16" r="3.400" />
    </svg>
  );
}
