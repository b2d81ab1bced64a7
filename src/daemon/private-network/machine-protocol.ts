/**
 * What is said between a command and its machine processes: one request, one reply, and the lines
 * of the program that was started there.
 *
 * Both ends are one program of one version, so that nothing is checked but what the act itself
 * checks. A machine sees no network but the private one that its own command has made.
 */

import type { ErrorCode } from "../../errors.ts";
import type { NftablesJsonOutcome } from "../../kernel/nftables.ts";

/** What became of an attempt to connect; `silent`: nothing came within the time. */
export type ConnectOutcome = "open" | "refused" | "silent";

/** How a program ended; `status` is null when a signal or the time limit ended it. */
export interface ProgramOutcome {
  /** There is no such program. */
  readonly isMissing: boolean;
  readonly status: number | null;
  /** At most a megabyte of each. */
  readonly stdout: string;
  readonly stderr: string;
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** What a machine can be asked, by the name of the act. */
export interface MachineActs {
  /** Runs a program to its end. */
  readonly run: {
    readonly asked: Program & { readonly timeoutMs: number };
    readonly told: ProgramOutcome;
  };
  /** Starts the one program whose lines are sent; told its process id. */
  readonly start: { readonly asked: Program; readonly told: number };
  /** Serves a TCP port on every address: whoever connects is let in and said goodbye. */
  readonly serve: { readonly asked: { readonly port: number }; readonly told: null };
  readonly connect: {
    readonly asked: {
      readonly from: string;
      readonly to: string;
      readonly port: number;
      readonly timeoutMs: number;
    };
    readonly told: ConnectOutcome;
  };
  /** Runs nftables commands through the library, as one transaction. */
  readonly nft: {
    readonly asked: { readonly commands: string };
    readonly told: NftablesJsonOutcome;
  };
  /** Binds a log group and lets it go again; fails as the guard's own start would. */
  readonly nflog: { readonly asked: { readonly group: number }; readonly told: null };
  /** Opens a raw socket as the guard does, and closes it; told why it could not. */
  readonly raw: { readonly asked: { readonly version: 4 | 6 }; readonly told: string | null };
}

export type MachineAct = keyof MachineActs;

export interface MachineRequest<Act extends MachineAct = MachineAct> {
  readonly id: number;
  readonly act: Act;
  readonly asked: MachineActs[Act]["asked"];
}

export type MachineMessage =
  /** In its own network; `network` is the link text of /proc/PID/ns/net. */
  | { readonly kind: "entered"; readonly network: string }
  | { readonly kind: "told"; readonly id: number; readonly told: unknown }
  /** An operational error; `id` undefined: no private network could be had. */
  | {
      readonly kind: "fault";
      readonly id: number | undefined;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "ended"; readonly how: string };
