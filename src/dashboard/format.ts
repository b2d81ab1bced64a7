/** Numbers, times and ports as the page shows them. */
import type { CampaignView } from "../api/contract.ts";

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** "12,345". */
export function formatCount(count: number): string {
  return WHOLE.format(count);
}

/** "12,345" as long as that is short, then "123K". */
export function formatShort(count: number): string {
  return count < 100_000 ? WHOLE.format(count) : COMPACT.format(count);
}

const MARK = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

/** Numbers along an axis, in one way: as they are, or "50K", "100K" once the highest is long. */
export function formatMarks(
  marks: readonly number[],
  format: (value: number) => string,
): readonly string[] {
  const isLong = Math.max(0, ...marks) >= 100_000;
  return marks.map((mark) => (isLong ? MARK.format(mark) : format(mark)));
}

/** A rate a second: "0", "0.4", "12", "1,240", "123K". */
export function formatRate(perSecond: number): string {
  if (Number.isInteger(perSecond)) return formatShort(perSecond);
  return perSecond < 9.95 ? perSecond.toFixed(1) : formatShort(perSecond);
}

/** Time that is left, as a clock shows it: "0:09", "59:03", "11:59:03", "3 d 4 h". */
export function formatLeft(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const days = Math.floor(left / 86_400);
  const hours = Math.floor((left % 86_400) / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  if (days > 0) return `${days} d ${hours} h`;
  const rest = String(left % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

const SPANS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** A length of time in its largest unit: "12 s", "5 min", "3 h", "2 d". */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [size, unit] = SPANS.find(([least]) => whole >= least) ?? [1, "s"];
  return `${Math.floor(whole / size)} ${unit}`;
}

/** How long ago, from two times in ms: "now", "12 s", "5 min". */
export function formatAgo(thenMs: number, nowMs: number): string {
  const seconds = (nowMs - thenMs) / 1000;
  return seconds < 1.5 ? "now" : formatSpan(seconds);
}

/** The time of day where the browser is: "14:03:07"; with the date on another day than `nowMs`. */
export function formatTime(iso: string, nowMs: number): string {
  const at = new Date(iso);
  const clock = at.toTimeString().slice(0, 8);
  if (at.toDateString() === new Date(nowMs).toDateString()) return clock;
  const month = String(at.getMonth() + 1).padStart(2, "0");
  return `${month}-${String(at.getDate()).padStart(2, "0")} ${clock.slice(0, 5)}`;
}

const DAY = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });

/** The day where the browser is: "Nov 23". */
export function formatDay(epochMs: number): string {
  return DAY.format(epochMs);
}

/** What part of the whole it is: "0 %", "under 1 %", "42 %". */
export function formatShare(part: number, whole: number): string {
  if (part <= 0 || whole <= 0) return "0 %";
  const percent = (part / whole) * 100;
  if (percent < 1) return "under 1 %";
  // All but a few is not all.
  return `${percent > 99 && part < whole ? 99 : Math.round(percent)} %`;
}

/** The whole of it, for whoever wants it: "2026-11-22 14:03:07 (local)". */
export function formatFullTime(iso: string): string {
  const at = new Date(iso);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${at.toTimeString().slice(0, 8)}`;
}

/** "22–25": both ends. */
function formatRange([first, last]: readonly [number, number]): string {
  if (first === last) return String(first);
  return last === first + 1 ? `${first}, ${last}` : `${first}–${last}`;
}

/** "tcp 22–25, 80 · udp 53": the first ranges, and how many ports there are beyond them. */
export function formatPorts(
  { ports, port_count: count, ports_cut: isCut }: PortsOf,
  most = 4,
): string {
  let room = most;
  let told = 0;
  const parts: string[] = [];
  for (const { transport, ranges } of ports) {
    const shown = ranges.slice(0, room);
    if (shown.length === 0) break;
    room -= shown.length;
    told += shown.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    parts.push(`${transport} ${shown.map(formatRange).join(", ")}`);
  }
  const more = count - told;
  if (more > 0) parts.push(`+${formatCount(more)}${isCut ? " or more" : ""}`);
  return parts.join(" · ");
}

type PortsOf = Pick<CampaignView, "ports" | "port_count" | "ports_cut">;

/** A likelihood ratio: "256", "1.2M". */
export function formatScore(score: number): string {
  return score < 9.95 ? String(Math.round(score * 10) / 10) : formatShort(Math.round(score));
}

/** "1 probe", "2 probes". */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** "1 packet", "12,345 packets", "123K packets". */
export function formatPackets(count: number): string {
  return `${formatShort(count)} ${count === 1 ? "packet" : "packets"}`;
}
