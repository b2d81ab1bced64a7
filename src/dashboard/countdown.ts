/** When bans end, by the browser's clock: the guard's may be another, so its seconds are counted. */
import type { BanView } from "../api/contract.ts";

/** A ban, and when it ends here. */
export interface KnownBan extends BanView {
  /** Epoch ms of the browser; null: never. */
  readonly endsAtMs: number | null;
  /** How long it is in all, in seconds; null: for good. */
  readonly wholeSeconds: number | null;
}

/** @param nowMs when it was answered. */
export function knownBan(ban: BanView, nowMs: number): KnownBan {
  const { since, until, remaining_seconds: left } = ban;
  return {
    ...ban,
    endsAtMs: left === null ? null : nowMs + left * 1000,
    wholeSeconds: until === null ? null : (Date.parse(until) - Date.parse(since)) / 1000,
  };
}

/** Seconds that are left; null: for good. Never below 0. */
export function leftSeconds({ endsAtMs }: KnownBan, nowMs: number): number | null {
  return endsAtMs === null ? null : Math.max(0, (endsAtMs - nowMs) / 1000);
}

/** Whether it is over by now. */
export function isOver({ endsAtMs }: KnownBan, nowMs: number): boolean {
  return endsAtMs !== null && endsAtMs <= nowMs;
}
