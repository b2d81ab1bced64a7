/**
 * Names the tool behind a source, once its probes agree on one.
 *
 * The rule: each probe that looks like the tool in question, and fits the probe before it, adds one
 * to what speaks for it, at most {@link MOST_SUPPORT}; each TCP probe that does not takes one away.
 * Two name it, less than two make it unknown again, and only who has none left yields to another.
 * So two probes must agree, one stray packet does not unname a tool of whole campaigns, and two
 * tools behind one address are named by neither. A retransmission says nothing new, and neither do
 * UDP probes without a pattern and what a listener accepted.
 *
 * A forger can give any source any tool, or none: nothing may be decided by it. Memory is 10 bytes a
 * slot of the source table, fixed at construction; a probe allocates nothing.
 *
 * Source of the pairwise relations: Ghiëtte, Blenn and Doerr, Remote identification of port scan
 * toolchains, NTMS 2016.
 */
import type { Probe } from "../model/probe.ts";
import { TOOLS, type Tool } from "../model/tool.ts";
import { type Look, lookOf } from "./tool-looks.ts";

/** What must speak for a tool before it is named. */
const NAMING_SUPPORT = 2;

/** So many stray probes make the best known tool unknown again, and one less. */
const MOST_SUPPORT = 8;

const NO_TOOL = 0;

/** Stands for the numbers of no probe; nmap's are never both 0, nor equal. */
const NO_WORD = 0;

/** The place of a look in {@link TOOLS}, from 1 on. */
const CODES: Readonly<Record<Look, number>> = {
  ...(Object.fromEntries(TOOLS.map((tool, index) => [tool, index + 1])) as Record<Tool, number>),
  "nmap-os": TOOLS.indexOf("nmap") + 1,
  unknown: NO_TOOL,
};

/** One fingerprint a slot of a source table. */
export class Fingerprints {
  readonly #codes: Uint8Array;
  readonly #support: Uint8Array;
  /** Sequence number XOR acknowledgement of the last probe with a look. */
  readonly #words: Uint32Array;
  /** Its source port, and its destination port in the low half. */
  readonly #ports: Uint32Array;

  /** @param capacity slots of the table beside which this stands. */
  constructor(capacity: number) {
    this.#codes = new Uint8Array(capacity);
    this.#support = new Uint8Array(capacity);
    this.#words = new Uint32Array(capacity);
    this.#ports = new Uint32Array(capacity);
  }

  /** Forgets what was in the slot: another source has it, or the same one anew. */
  begin(slot: number): void {
    this.#codes[slot] = NO_TOOL;
    this.#support[slot] = 0;
    this.#words[slot] = NO_WORD;
    this.#ports[slot] = 0;
  }

  /** Takes one probe into account, by the rule of the file comment. */
  observe(slot: number, probe: Probe): void {
    const { header, transport } = probe;
    if (header === undefined) return;
    const look = lookOf(probe, header);
    if (look === "unknown") {
      if (transport === "tcp") this.#weaken(slot);
      return;
    }
    const word = (header.tcpSequence ^ header.tcpAcknowledgement) >>> 0;
    const ports = ((probe.sourcePort << 16) | probe.port) >>> 0;
    const isSameTool = this.#codes[slot] === CODES[look];
    const isRepeat = isSameTool && this.#words[slot] === word && this.#ports[slot] === ports;
    // Mirai sends just this, hours later: one source port, one sequence number for an address.
    if (isRepeat && look !== "mirai") return;

    if (isSameTool && fits(look, this.#words[slot] as number, word)) {
      this.#support[slot] = Math.min(MOST_SUPPORT, (this.#support[slot] as number) + 1);
    } else if ((this.#support[slot] as number) > 1) {
      this.#weaken(slot);
    } else {
      this.begin(slot);
      this.#codes[slot] = CODES[look];
      this.#support[slot] = 1;
    }
    // Another tool's numbers, and those of OS detection, have no relation to the next probe's.
    if (this.#codes[slot] !== CODES[look] || look === "nmap-os") return;
    this.#words[slot] = word;
    this.#ports[slot] = ports;
  }

  /** @returns undefined while the source's probes do not agree. */
  toolOf(slot: number): Tool | undefined {
    if ((this.#support[slot] as number) < NAMING_SUPPORT) return undefined;
    return TOOLS[(this.#codes[slot] as number) - 1];
  }

  #weaken(slot: number): void {
    const support = this.#support[slot] as number;
    if (support > 0) this.#support[slot] = support - 1;
  }
}

/** @returns whether two probes that look alike are one tool's: the words are of both. */
function fits(look: Look, before: number, now: number): boolean {
  switch (look) {
    case "nmap": {
      // One mask a pass, and the number of the try in both halves: nmap, seq32_encode.
      const difference = before ^ now;
      return before === NO_WORD || difference >>> 16 === (difference & 0xffff);
    }
    case "connect":
    case "hping3":
      // A stack chooses each initial sequence number anew (RFC 6528), and so does hping3.
      return before !== now;
    default:
      return true;
  }
}
