/**
 * Runs nftables commands in this process, through libnftables.
 *
 * One call is one transaction: the kernel takes all of its commands or none. Calls are synchronous
 * and block the event loop: 0.1 ms for one element, 5 ms for a thousand, 0.6 s for listing 50,000
 * as JSON. The library keeps state in globals, so it is called from one thread only; a
 * second context in the same thread is independent and sees what the first has committed.
 *
 * **Commands come from our own builders only**, which put numbers, fixed words and addresses in
 * canonical text into them. Text that somebody else wrote, a comment or a name, must never get
 * here: whoever can write a newline can write a command.
 *
 * Source: nftables/libnftables.h, libnftables(3).
 */
import { readdirSync } from "node:fs";
import { OperationalError } from "../errors.ts";
import { ERRNO, formatErrno } from "./errno.ts";
import { type ForeignLibrary, loadLibrary } from "./foreign-library.ts";
import { readRulesetGeneration } from "./generation.ts";
import { close, setCloseOnExec } from "./libc.ts";
import { openNetlink } from "./netlink-socket.ts";
import { NETLINK_NETFILTER } from "./spec.ts";

// nftables/libnftables.h, enum nft_ctx_output.
const OUTPUT_STATELESS = 1 << 2;
const OUTPUT_JSON = 1 << 4;
const OUTPUT_TERSE = 1 << 11;
/** NFT_CTX_OUTPUT_NUMERIC_ALL: what is printed must not depend on /etc/services and its like. */
const OUTPUT_NUMERIC_ALL = (1 << 7) | (1 << 8) | (1 << 9) | (1 << 10);

/** The library quotes the command that failed, and a command may be a thousand elements long. */
const LONGEST_REASON = 500;

/** What a listing leaves out. */
export interface ListingOptions {
  /** No counters, no expiry times. Default false. */
  readonly isStateless?: boolean;
  /** No elements of sets and maps. Default false. */
  readonly isTerse?: boolean;
}

/** What became of the commands; `reason` is the library's own text, cut to 500 characters. */
export type NftablesOutcome =
  | { readonly status: "ok"; readonly output: string }
  | { readonly status: "failed"; readonly reason: string };

/** As {@link NftablesOutcome}; `output` is the parsed JSON, undefined when nothing was listed. */
export type NftablesJsonOutcome =
  | { readonly status: "ok"; readonly output: unknown }
  | { readonly status: "failed"; readonly reason: string };

/** A `struct nft_ctx *`; koffi shows pointers as integers. */
type Context = bigint;

interface Calls {
  newContext(flags: number): Context;
  freeContext(context: Context): void;
  bufferOutput(context: Context): number;
  bufferError(context: Context): number;
  setOutputFlags(context: Context, flags: number): void;
  run(context: Context, commands: string): number;
  /** The library's own buffer, which the next run overwrites; koffi copies it into a string. */
  output(context: Context): string;
  error(context: Context): string;
}

function declareCalls(library: ForeignLibrary): Calls {
  return {
    newContext: library.func("void *nft_ctx_new(uint32_t)"),
    freeContext: library.func("void nft_ctx_free(void *)"),
    bufferOutput: library.func("int nft_ctx_buffer_output(void *)"),
    bufferError: library.func("int nft_ctx_buffer_error(void *)"),
    setOutputFlags: library.func("void nft_ctx_output_set_flags(void *, uint32_t)"),
    run: library.func("int nft_run_cmd_from_buffer(void *, const char *)"),
    output: library.func("const char *nft_ctx_get_output_buffer(void *)"),
    error: library.func("const char *nft_ctx_get_error_buffer(void *)"),
  };
}

export class Nftables {
  readonly #calls: Calls;
  #context: Context | undefined;

  /** Made by {@link openNftables}. */
  constructor(calls: Calls) {
    this.#calls = calls;
    this.#context = calls.newContext(0);
    calls.bufferOutput(this.#context);
    calls.bufferError(this.#context);
  }

  /** Runs the commands, separated by newlines, as one transaction; prints in nft's own syntax. */
  run(commands: string, options: ListingOptions = {}): NftablesOutcome {
    return this.#run(commands, outputFlags(options));
  }

  /** As {@link run}, and prints JSON (libnftables-json(5)). The commands are in nft's syntax. */
  runJson(commands: string, options: ListingOptions = {}): NftablesJsonOutcome {
    const outcome = this.#run(commands, outputFlags(options) | OUTPUT_JSON);
    if (outcome.status === "failed") return outcome;
    const output: unknown = outcome.output === "" ? undefined : JSON.parse(outcome.output);
    return { status: "ok", output };
  }

  /** Frees the library's memory and socket. May be called twice; run throws afterwards. */
  close(): void {
    if (this.#context !== undefined) this.#calls.freeContext(this.#context);
    this.#context = undefined;
  }

  #run(commands: string, flags: number): NftablesOutcome {
    if (this.#context === undefined) throw new Error("nftables is closed");
    // The C string would end there, and half a transaction would be run.
    if (commands.includes("\0")) throw new Error("an nftables command contains a NUL character");
    this.#calls.setOutputFlags(this.#context, flags);
    const result = this.#calls.run(this.#context, commands);
    // Both buffers are read in any case: reading is what empties them.
    const output = this.#calls.output(this.#context);
    const error = this.#calls.error(this.#context).trim();
    if (result === 0) return { status: "ok", output };
    return { status: "failed", reason: error.slice(0, LONGEST_REASON) || "no reason given" };
  }
}

/**
 * Loads the library and makes one context.
 * @throws {OperationalError} ERR_UNAVAILABLE without the library or the kernel's nf_tables,
 * ERR_PERMISSION without CAP_NET_ADMIN.
 */
export function openNftables(): Nftables {
  const library = loadLibrary(
    "libnftables.so.1",
    "libnftables.so.1 is missing: apt-get install nftables",
  );
  checkAccess();
  const nftables = new Nftables(declareCalls(library));
  keepFromChildren();
  return nftables;
}

/** The library says "no privilege" only in words, and only when a command fails: ask before. */
function checkAccess(): void {
  const fd = openNetlink(NETLINK_NETFILTER);
  const outcome = readRulesetGeneration(fd);
  close(fd);
  if (outcome.status === "read") return;
  if (outcome.errno === ERRNO.EPERM) {
    throw new OperationalError(
      "ERR_PERMISSION",
      "nftables can be changed only with CAP_NET_ADMIN: start as root, or by the systemd unit",
    );
  }
  throw new OperationalError(
    "ERR_UNAVAILABLE",
    `the kernel has no nftables (${formatErrno(outcome.errno)}): load the module nf_tables`,
  );
}

/**
 * libnftables opens its socket without O_CLOEXEC and does not say which it is, and a netlink socket
 * that root has opened is nothing for the guard or a hook to inherit. Everything above stderr is
 * marked: Node has marked its own already, and children get theirs by name.
 */
function keepFromChildren(): void {
  for (const name of readdirSync("/proc/self/fd")) {
    const fd = Number(name);
    // The listing's own descriptor is closed by now, and marking it fails without harm.
    if (fd > 2) setCloseOnExec(fd);
  }
}

function outputFlags(options: ListingOptions): number {
  return (
    OUTPUT_NUMERIC_ALL |
    (options.isStateless === true ? OUTPUT_STATELESS : 0) |
    (options.isTerse === true ? OUTPUT_TERSE : 0)
  );
}
