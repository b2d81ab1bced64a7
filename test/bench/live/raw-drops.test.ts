import { expect, it } from "vitest";
import { dropsOf } from "../../../bench/live/raw-drops.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";
const line = (protocol: string, drops: number) =>
  `  ${Number.parseInt(protocol, 16)}: 00000000:00${protocol} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 85113 2 0000000000000000 ${drops}  `;

it.each([
  { what: "one socket", lines: [line("06", 12)], drops: 12 },
  { what: "two", lines: [line("06", 12), line("06", 30)], drops: 42 },
  { what: "those of TCP alone", lines: [line("01", 5), line("06", 7)], drops: 7 },
  { what: "none", lines: [], drops: 0 },
])("dropsOf adds up the drops of $what", ({ lines, drops }) => {
  expect(dropsOf([HEAD, ...lines, ""].join("\n"))).toBe(drops);
});
