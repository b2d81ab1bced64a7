/**
 * Sets of ports and their text, "1,11,20-25": what the configuration names and stories show.
 *
 * Configuration is not guessed at. PortSentry 1.2 reads "abc" as port 0 and "20-25" as port 20
 * without a word; here every bad piece is a fault, and all faults are told at once.
 */

/** Consecutive ports, both ends included. 0 to 65535, `first` at most `last`. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** What became of a text; each fault names the bad piece and says what is expected. */
export type PortSetParsing =
  | { readonly status: "ok"; readonly ports: PortSet }
  | { readonly status: "invalid"; readonly faults: readonly string[] };

/** What else counts as a port. */
export interface PortSetParseOptions {
  /** Whether port 0, which no service can have and a packet can name, is a port. Default false. */
  readonly allowZero?: boolean;
}

const HIGHEST_PORT = 65_535;

const PIECE_TEXT = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/;

/** An unchanging set of ports: one bit for each, 8 KiB. Iterates in ascending order. */
export class PortSet implements Iterable<number> {
  readonly #bits = new Uint32Array((HIGHEST_PORT + 1) / 32);
  /** Ports in the set. */
  readonly size: number;

  /** A number that is no port, 0 to 65535, is a bug and throws RangeError. */
  constructor(ports: Iterable<number> = []) {
    let size = 0;
    for (const port of ports) {
      if (!isPort(port)) {
        throw new RangeError(`not a port: ${port}`);
      }
      if (this.has(port)) continue;
      this.#bits[port >>> 5] = (this.#bits[port >>> 5] as number) | (1 << (port & 31));
      size += 1;
    }
    this.size = size;
  }

  /** `port`: an integer; outside 0 to 65535 it is in no set. Allocates nothing. */
  has(port: number): boolean {
    if (port < 0 || port > HIGHEST_PORT) return false;
    return (((this.#bits[port >>> 5] as number) >>> (port & 31)) & 1) === 1;
  }

  /** @returns a new set of the ports of both. */
  union(other: PortSet): PortSet {
    return new PortSet([...this, ...other]);
  }

  /** @returns a new set of the ports that `other` has not. */
  without(other: PortSet): PortSet {
    return new PortSet([...this].filter((port) => !other.has(port)));
  }

  /** The set in as few ranges as possible, ascending. */
  *ranges(): Generator<PortRange, undefined> {
    let first: number | undefined;
    for (let port = 0; port <= HIGHEST_PORT + 1; port += 1) {
      if (this.has(port)) {
        first ??= port;
      } else if (first !== undefined) {
        yield { first, last: port - 1 };
        first = undefined;
      }
    }
  }

  *[Symbol.iterator](): Generator<number, undefined> {
    yield* portsOf(this.ranges());
  }
}

/**
 * Reads decimal ports and ranges between commas, as in "1, 11,20-25". "" is the empty set. A stray
 * comma names no port and is passed over, as PortSentry does.
 */
export function parsePortSet(text: string, options: PortSetParseOptions = {}): PortSetParsing {
  const lowest = options.allowZero === true ? 0 : 1;
  const ranges: PortRange[] = [];
  const faults: string[] = [];
  for (const piece of text.split(",").map((untrimmed) => untrimmed.trim())) {
    if (piece === "") continue;
    const range = parseRange(piece);
    if (range === undefined || range.first < lowest || range.last > HIGHEST_PORT) {
      const expected = `expected a port from ${lowest} to ${HIGHEST_PORT}, or a range such as 20-25`;
      faults.push(`${JSON.stringify(piece)}: ${expected}`);
    } else if (range.first > range.last) {
      faults.push(`${JSON.stringify(piece)}: expected the lower port first`);
    } else {
      ranges.push(range);
    }
  }
  if (faults.length > 0) return { status: "invalid", faults };
  return { status: "ok", ports: new PortSet(portsOf(ranges)) };
}

/**
 * @returns the ports ascending, each once, runs as ranges: "20-25,80"; "" for none. A number that
 * is no port throws RangeError.
 */
export function formatPorts(ports: Iterable<number>): string {
  // Every verdict is formatted, so a few ports must not cost a walk over all 65,536.
  const ranges = ports instanceof PortSet ? ports.ranges() : runsOf(ports);
  return [...ranges]
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(",");
}

/** Runs of consecutive numbers, ascending. */
function runsOf(ports: Iterable<number>): PortRange[] {
  const runs: { first: number; last: number }[] = [];
  for (const port of [...new Set(ports)].sort((a, b) => a - b)) {
    if (!isPort(port)) throw new RangeError(`not a port: ${port}`);
    const run = runs.at(-1);
    if (run !== undefined && run.last + 1 === port) run.last = port;
    else runs.push({ first: port, last: port });
  }
  return runs;
}

/** @returns whether `value` is an integer from 0 to 65535. */
export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= HIGHEST_PORT;
}

function parseRange(piece: string): PortRange | undefined {
  const match = PIECE_TEXT.exec(piece);
  if (match === null) return undefined;
  const first = Number(match[1]);
  return { first, last: match[2] === undefined ? first : Number(match[2]) };
}

function* portsOf(ranges: Iterable<PortRange>): Generator<number, undefined> {
  for (const { first, last } of ranges) {
    for (let port = first; port <= last; port += 1) yield port;
  }
}
