/**
 * Makes of probes, verdicts and outcomes what PortSentry tells: each scan from its first line to
 * what became of it.
 *
 * A probe below the trigger is over at once. One that convicts is told before anything is done
 * about it, and over when that is done; what its source sends meanwhile is told after it, as
 * already blocked or not. Senders decide how much of this there is. So three rations are asked
 * before a name is looked up or a line is made: that of first contacts, that of what convicted
 * sources go on sending, and that of convictions, none of which can use up another's. What waits is
 * bounded by {@link Turns}, by the orders that may wait, and by the time that a name may take.
 *
 * PortSentry knows no probe without a port. A conviction by one is told in our words, and any other
 * is not told.
 */
import type { LegacyResponse } from "../../broker/executors/deed.ts";
import type { Clock } from "../../clock.ts";
import { isDone, type Order, type Outcome } from "../../model/order.ts";
import { type KeptProbe, keepProbe, type Probe } from "../../model/probe.ts";
import type { Verdict } from "../../model/verdict.ts";
import { type AddressWords, formatWords } from "../../net/address-words.ts";
import type { IpAddress } from "../../net/ip-address.ts";
import { formatPrefix, type Prefix } from "../../net/prefix.ts";
import type { SourceKeys } from "../../net/source-keys.ts";
import { hasPorts, type Transport } from "../../net/transport.ts";
import type { Spared } from "../events.ts";
import type { HistoryRecorder } from "../history-recorder.ts";
import { Ration } from "../ration.ts";
import type { DialectEvent, Scan, ScanResult } from "./dialect.ts";
import type { ToldModes } from "./modes.ts";
import { Turns } from "./turns.ts";

/** Events a second of each of the three kinds; a reader of the log sees a scan as it is. */
export const SCANS_A_SECOND = 200;

/**
 * What a scan over one transport leads to. `block`: somebody is shut out. `off`: BLOCK_TCP or
 * BLOCK_UDP is 0. `watch`: nothing, for another reason.
 */
export type Consequence = "block" | "off" | "watch";

export interface ScanStoryParts {
  readonly clock: Clock;
  readonly keys: SourceKeys;
  readonly modes: ToldModes;
  readonly consequences: Readonly<Record<Transport, Consequence>>;
  /** Which probes are told besides those that convict: 1.2 says nothing below the trigger. */
  readonly tells: "every-probe" | "convicted-sources" | "convictions";
  /** The detector's; asked for each probe. */
  readonly isConvicted: (source: AddressWords) => boolean;
  /** @returns why it is trusted; undefined when it is not. */
  readonly whyTrusted: (address: IpAddress) => string | undefined;
  /** Whether a ban of it is in force. */
  readonly isBanned: (source: Prefix) => boolean;
  /** Never rejects; undefined: an address is its own name. */
  readonly hostOf: ((address: IpAddress) => Promise<string>) | undefined;
  readonly tell: (event: DialectEvent) => void;
  /** HISTORY_FILE; undefined where there is none. */
  readonly recorder: HistoryRecorder | undefined;
}

/** What became of a conviction. */
interface Ending {
  readonly result: ScanResult;
  readonly responses: readonly LegacyResponse[];
  /** How long it was banned in the kernel, in words; undefined: it was not. */
  readonly span: string | undefined;
  /** Why it was not banned, where that is not what was wanted. */
  readonly reason: string | undefined;
}

/** A conviction that was told, until `end` is called with what became of it. */
interface Conviction {
  readonly verdict: Verdict;
  readonly end: (ending: Ending) => void;
}

/** "/etc/portsentry/portsentry.ignore:3" and its file. */
const IGNORE_LINE = /^(\/.*):\d+$/;

export class ScanStory {
  #parts: ScanStoryParts;
  readonly #turns = new Turns();
  readonly #contacts = new Ration(SCANS_A_SECOND);
  readonly #later = new Ration(SCANS_A_SECOND);
  readonly #convictions = new Ration(SCANS_A_SECOND);
  /** Convictions that were told and are not over; at most as many as orders may wait. */
  readonly #open = new Map<Prefix, Conviction>();

  constructor(parts: ScanStoryParts) {
    this.#parts = parts;
  }

  /**
   * Goes on by another configuration: what is under way is told to its end by the words of the new
   * one. What waits for the history of the old one is handed on at once.
   */
  reconfigure(parts: ScanStoryParts): void {
    void this.#parts.recorder?.settled();
    this.#parts = parts;
  }

  probe(probe: Probe, hasConvicted: boolean): void {
    const { tells, isConvicted, keys } = this.#parts;
    if (hasConvicted || tells === "convictions" || !hasPorts(probe.transport)) return;
    const isLater = isConvicted(probe.source);
    if (!isLater && tells !== "every-probe") return;
    const ration = isLater ? this.#later : this.#contacts;
    if (!ration.takes(probe.seenAtMs)) return;
    const source = keys.prefixOf(probe.source);
    this.#tellProbe(ration, source, formatWords(probe.source), keepProbe(probe), isLater);
  }

  verdict(verdict: Verdict): void {
    const { source, address, last } = verdict;
    if (!this.#convictions.takes(this.#parts.clock.monotonicMs())) return;
    if (this.#open.has(source)) {
      // The order that its earlier conviction led to is still under way.
      this.#tellProbe(this.#convictions, source, address, last, true);
      return;
    }
    const { tell, whyTrusted, hostOf } = this.#parts;
    const isTrusted = whyTrusted(address) !== undefined;
    const ending = Promise.withResolvers<Ending>();
    this.#open.set(source, { verdict, end: ending.resolve });
    let scan = this.#scanOf(address, last, address);
    this.#turns.add(source, hostOf?.(address), (host = address) => {
      scan = this.#scanOf(address, last, host);
      if (!isTrusted) tell(scan === undefined ? noteOf(verdict) : { event: "scan", scan });
    });
    this.#turns.add(source, ending.promise, (ended) => {
      if (ended !== undefined) this.#tellEnding(source, scan, ended);
    });
  }

  spared(verdict: Verdict, { reason, text }: Spared): void {
    const { source, address } = verdict;
    // Another one may wait for its order, and this one be told behind it.
    if (this.#open.get(source)?.verdict !== verdict) return;
    const result = this.#resultOfSpared(address, reason);
    const isUnwanted = result.status === "failed";
    this.#end(source, {
      result,
      responses: [],
      span: undefined,
      reason: isUnwanted ? text : undefined,
    });
  }

  /** @param span how long the kernel bans the source now, in words; undefined: it does not. */
  outcome(
    order: Extract<Order, { act: "ban" }>,
    outcome: Outcome,
    responses: readonly LegacyResponse[],
    span: string | undefined,
  ): void {
    this.#end(order.ban.prefix, {
      result: { status: isDone(outcome) ? "blocked" : "failed" },
      responses,
      span,
      reason: isDone(outcome) ? undefined : outcome.reason,
    });
  }

  /** Says what was left out; called once a second. */
  flush(): void {
    for (const [ration, what] of [
      [this.#contacts, "probes"],
      [this.#later, "probes of scanners"],
      [this.#convictions, "scans"],
    ] as const) {
      const count = ration.takeSkipped();
      if (count > 0) this.#parts.tell({ event: "left-out", count, what });
    }
  }

  /** Fulfilled when nothing waits any more: with the last outcome, and the last name. */
  async settled(): Promise<void> {
    await this.#turns.settled();
    await this.#parts.recorder?.settled();
  }

  #end(source: Prefix, ending: Ending): void {
    // Its conviction was beyond the ration, or it was banned by command.
    const conviction = this.#open.get(source);
    this.#open.delete(source);
    conviction?.end(ending);
  }

  #tellProbe(
    ration: Ration,
    source: Prefix,
    address: IpAddress,
    probe: KeptProbe,
    isConvicted: boolean,
  ): void {
    if (!this.#turns.hasRoom) {
      ration.skip();
      return;
    }
    this.#turns.add(source, this.#parts.hostOf?.(address), (host = address) => {
      const scan = this.#scanOf(address, probe, host);
      if (scan === undefined) return;
      const result = this.#resultOf(source, address, scan.transport, isConvicted);
      const isTold = result.status !== "ignored" && result.status !== "below-trigger";
      if (isTold) this.#parts.tell({ event: "scan", scan });
      this.#tellOver(scan, result);
    });
  }

  #tellEnding(
    target: Prefix,
    scan: Scan | undefined,
    { result, responses, span, reason }: Ending,
  ): void {
    const { tell } = this.#parts;
    for (const response of responses) tell({ event: "response", target, response });
    if (span !== undefined) tell({ event: "banned", target, span });
    if (reason !== undefined) tell({ event: "not-banned", target, reason });
    if (scan !== undefined) this.#tellOver(scan, result);
  }

  #tellOver(scan: Scan, result: ScanResult): void {
    const { tell, consequences, recorder } = this.#parts;
    const { transport } = scan;
    if (result.status === "watched" && consequences[transport] === "off") {
      tell({ event: "response-off", transport });
    }
    tell({ event: "scan-over", scan, result });
    recorder?.take(scan, result);
  }

  /** Of a probe that did not convict its source: whether an earlier one had is given. */
  #resultOf(
    source: Prefix,
    address: IpAddress,
    transport: Transport,
    isConvicted: boolean,
  ): ScanResult {
    const { whyTrusted, isBanned, consequences } = this.#parts;
    const why = whyTrusted(address);
    if (why !== undefined) return ignored(why);
    if (!isConvicted) return { status: "below-trigger" };
    if (isBanned(source)) return { status: "already-blocked" };
    return { status: consequences[transport] === "block" ? "failed" : "watched" };
  }

  #resultOfSpared(address: IpAddress, reason: Spared["reason"]): ScanResult {
    switch (reason) {
      case "trusted":
        return ignored(this.#parts.whyTrusted(address) ?? "");
      case "watch-only":
      case "block-off":
        return { status: "watched" };
      case "already-banned":
        return { status: "already-blocked" };
      case "unproven":
      case "session":
      case "budget":
      case "decoy":
        return { status: "failed" };
    }
  }

  /** @returns undefined for a probe without a port. */
  #scanOf(source: IpAddress, probe: KeptProbe, host: string): Scan | undefined {
    const { transport, port, tcpFlags, ipOptions } = probe;
    if (!hasPorts(transport)) return undefined;
    const mode = this.#parts.modes[transport];
    return { source, host, transport, port, mode, tcpFlags, ipOptions };
  }
}

function noteOf({ source, reason }: Verdict): DialectEvent {
  return { event: "note", level: "notice", text: `${formatPrefix(source)} scans: ${reason}` };
}

function ignored(why: string): ScanResult {
  return { status: "ignored", ignoreFile: IGNORE_LINE.exec(why)?.[1] };
}
