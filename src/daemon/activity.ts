/**
 * What was probed of late: probes, verdicts and bans a minute over an hour, and probes of each port.
 *
 * A flood allocates nothing here: every count has its place from the beginning, about 1 MiB. Bands
 * of ports are counted by the minute. Single ports are counted in two windows of {@link WINDOW_MS},
 * the running one and the one before, so that what is told is between one and two of them old, and
 * each count is exact.
 */
import type { ActivityView } from "../api/contract.ts";
import type { Clock } from "../clock.ts";
import type { Probe } from "../model/probe.ts";
import { TOOLS, type Tool } from "../model/tool.ts";
import type { EventListener } from "./events-slot.ts";
import { isoTime } from "./views.ts";

/** How long (ms) one window of ports lasts. */
const WINDOW_MS = 300_000;

const MINUTE_MS = 60_000;

const MINUTES = 60;

const PORTS = 65_536;

/** Ports that are told by number. */
const MOST_PORTS = 32;

/** Below this a band of the heat is {@link NARROW_BAND} ports wide, from there on {@link WIDE_BAND}. */
const NARROW_END = 1024;
const NARROW_BAND = 64;
const WIDE_BAND = 1024;

const NARROW_BANDS = NARROW_END / NARROW_BAND;
const BANDS = NARROW_BANDS + (PORTS - NARROW_END) / WIDE_BAND;

/** The first and the last port of each band. */
const BAND_ENDS = Array.from({ length: BANDS }, (_, band) => {
  const wide = band - NARROW_BANDS;
  const first = wide < 0 ? band * NARROW_BAND : NARROW_END + wide * WIDE_BAND;
  return { first, last: first + (wide < 0 ? NARROW_BAND : WIDE_BAND) - 1 };
});

/** Tools by their place in {@link TOOLS}; behind them those that are not known. */
const TOOL_PLACES = TOOLS.length + 1;

export class Activity implements EventListener {
  readonly #clock: Clock;
  /** The minute that each place of the rings holds, counted from the clock's zero. */
  readonly #minuteOf = new Float64Array(MINUTES).fill(-1);
  readonly #probes = new Uint32Array(MINUTES);
  readonly #verdicts = new Uint32Array(MINUTES);
  readonly #bans = new Uint32Array(MINUTES);
  readonly #tools = new Uint32Array(MINUTES * TOOL_PLACES);
  /** The bands of each minute, of both transports together. */
  readonly #bands = new Uint32Array(MINUTES * BANDS);
  /** tcp ports, and behind them udp ports. */
  #ports = new Uint32Array(2 * PORTS);
  #portsBefore = new Uint32Array(2 * PORTS);
  #windowFromMs: number;
  #windowBeforeFromMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#windowFromMs = clock.monotonicMs();
    this.#windowBeforeFromMs = this.#windowFromMs;
  }

  /** Counts one probe. Allocates nothing. */
  observe({ transport, port, seenAtMs }: Probe): void {
    const place = this.#placeAt(seenAtMs);
    this.#probes[place] = (this.#probes[place] as number) + 1;
    if (transport !== "tcp" && transport !== "udp") return;
    const band = place * BANDS + bandOf(port);
    this.#bands[band] = (this.#bands[band] as number) + 1;
    if (seenAtMs - this.#windowFromMs >= WINDOW_MS) this.#turn(seenAtMs);
    const index = transport === "tcp" ? port : PORTS + port;
    this.#ports[index] = (this.#ports[index] as number) + 1;
  }

  readonly verdict: NonNullable<EventListener["verdict"]> = ({ tool }) => {
    const place = this.#placeAt(this.#clock.monotonicMs());
    this.#verdicts[place] = (this.#verdicts[place] as number) + 1;
    const index = place * TOOL_PLACES + toolPlace(tool);
    this.#tools[index] = (this.#tools[index] as number) + 1;
  };

  readonly outcome: NonNullable<EventListener["outcome"]> = (order, { status }) => {
    if (order.act !== "ban" || order.raisedFrom !== undefined || status !== "applied") return;
    const place = this.#placeAt(this.#clock.monotonicMs());
    this.#bans[place] = (this.#bans[place] as number) + 1;
  };

  /** All of it as it is now. */
  view(): ActivityView {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#windowFromMs >= WINDOW_MS) this.#turn(nowMs);
    const beganEpochMs = this.#clock.epochMs() - nowMs;
    return {
      minutes: this.#minutes(nowMs, beganEpochMs),
      ports_since: isoTime(beganEpochMs + this.#windowBeforeFromMs),
      ports: this.#busiest(),
      heat: this.#heat(),
      grid: this.#grid(nowMs, beganEpochMs),
      tools: this.#toolCounts(nowMs),
    };
  }

  /** The place of a minute in the rings, empty if it held an earlier one. */
  #placeAt(atMs: number): number {
    const minute = Math.floor(atMs / MINUTE_MS);
    const place = ((minute % MINUTES) + MINUTES) % MINUTES;
    if (this.#minuteOf[place] !== minute) {
      this.#minuteOf[place] = minute;
      this.#probes[place] = 0;
      this.#verdicts[place] = 0;
      this.#bans[place] = 0;
      this.#tools.fill(0, place * TOOL_PLACES, (place + 1) * TOOL_PLACES);
      this.#bands.fill(0, place * BANDS, (place + 1) * BANDS);
    }
    return place;
  }

  /** The running window becomes the one before, or both are over. */
  #turn(nowMs: number): void {
    const running = this.#ports;
    this.#ports = this.#portsBefore.fill(0);
    this.#portsBefore = running;
    this.#windowBeforeFromMs = this.#windowFromMs;
    this.#windowFromMs = nowMs;
    if (nowMs - this.#windowBeforeFromMs < 2 * WINDOW_MS) return;
    this.#portsBefore.fill(0);
    this.#windowBeforeFromMs = nowMs - WINDOW_MS;
  }

  #minutes(nowMs: number, beganEpochMs: number): ActivityView["minutes"] {
    const last = Math.floor(nowMs / MINUTE_MS);
    return Array.from({ length: MINUTES }, (_, index) => {
      const minute = last - MINUTES + 1 + index;
      const place = this.#placeOf(minute);
      return {
        at: isoTime(beganEpochMs + minute * MINUTE_MS),
        probes: place === undefined ? 0 : (this.#probes[place] as number),
        verdicts: place === undefined ? 0 : (this.#verdicts[place] as number),
        bans: place === undefined ? 0 : (this.#bans[place] as number),
      };
    });
  }

  /** @returns undefined when nothing was counted in that minute. */
  #placeOf(minute: number): number | undefined {
    const place = ((minute % MINUTES) + MINUTES) % MINUTES;
    return this.#minuteOf[place] === minute ? place : undefined;
  }

  #countOf(index: number): number {
    return (this.#ports[index] as number) + (this.#portsBefore[index] as number);
  }

  #busiest(): ActivityView["ports"] {
    const found: { index: number; probes: number }[] = [];
    for (let index = 0; index < 2 * PORTS; index += 1) {
      const probes = this.#countOf(index);
      if (probes === 0) continue;
      if (found.length === MOST_PORTS && probes <= (found[MOST_PORTS - 1]?.probes ?? 0)) continue;
      const at = found.findIndex((each) => each.probes < probes);
      found.splice(at === -1 ? found.length : at, 0, { index, probes });
      found.length = Math.min(found.length, MOST_PORTS);
    }
    return found.map(({ index, probes }) => ({
      transport: index < PORTS ? "tcp" : "udp",
      port: index % PORTS,
      probes,
    }));
  }

  #heat(): ActivityView["heat"] {
    return BAND_ENDS.map(({ first, last }) => {
      let probes = 0;
      for (let port = first; port <= last; port += 1) {
        probes += this.#countOf(port) + this.#countOf(PORTS + port);
      }
      return { first, last, probes };
    });
  }

  #grid(nowMs: number, beganEpochMs: number): ActivityView["grid"] {
    const last = Math.floor(nowMs / MINUTE_MS);
    const minutes = Array.from({ length: MINUTES }, (_, index) => last - MINUTES + 1 + index);
    return {
      minutes: minutes.map((minute) => isoTime(beganEpochMs + minute * MINUTE_MS)),
      bands: [...BAND_ENDS],
      counts: minutes.map((minute) => {
        const place = this.#placeOf(minute);
        if (place === undefined) return [];
        const counts = this.#bands.subarray(place * BANDS, (place + 1) * BANDS);
        return counts.some((count) => count > 0) ? [...counts] : [];
      }),
    };
  }

  #toolCounts(nowMs: number): ActivityView["tools"] {
    const counts = new Array<number>(TOOL_PLACES).fill(0);
    const last = Math.floor(nowMs / MINUTE_MS);
    for (let minute = last - MINUTES + 1; minute <= last; minute += 1) {
      const place = this.#placeOf(minute);
      if (place === undefined) continue;
      for (let tool = 0; tool < TOOL_PLACES; tool += 1) {
        const more = this.#tools[place * TOOL_PLACES + tool] as number;
        counts[tool] = (counts[tool] as number) + more;
      }
    }
    return counts
      .map((verdicts, index) => ({ tool: TOOLS[index] ?? null, verdicts }))
      .filter(({ verdicts }) => verdicts > 0)
      .sort((one, other) => other.verdicts - one.verdicts);
  }
}

function toolPlace(tool: Tool | undefined): number {
  return tool === undefined ? TOOLS.length : TOOLS.indexOf(tool);
}

function bandOf(port: number): number {
  return port < NARROW_END
    ? Math.floor(port / NARROW_BAND)
    : NARROW_BANDS + Math.floor((port - NARROW_END) / WIDE_BAND);
}
