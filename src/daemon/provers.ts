/** The guard's provers, made from the configuration and the raw sockets that it has inherited. */
import type { Settings } from "../config/schema.ts";
import { RawSender } from "../kernel/raw-socket.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { Challenge } from "../proof/challenge.ts";
import { Phantom, type PhantomOptions } from "../proof/phantom.ts";
import { PhantomScripts } from "../proof/phantom-script.ts";
import type { Prover } from "../proof/prover.ts";
import type { JudgeReply } from "../sensors/nflog.ts";
import type { Hello } from "./guard-stages.ts";
import { challengeRateOf } from "./table-plan.ts";

/** What answers probes by itself; nothing does without raw sockets. */
export class Provers {
  readonly #isWatchOnly: boolean;
  readonly #sender: RawSender | undefined;
  /** undefined: nobody is asked. */
  readonly challenge: Challenge | undefined;
  /** Answers what the kernel hands it; while no port looks open that is nothing. */
  readonly phantom: Phantom | undefined;

  constructor(
    { sockets, watchOnly }: Pick<Hello, "sockets" | "watchOnly">,
    values: Settings,
    keys: SourceKeys,
  ) {
    this.#isWatchOnly = watchOnly !== undefined;
    const raw = sockets.filter((socket) => socket.kind === "raw");
    if (raw.length === 0) return;
    const fdOf = (version: 4 | 6) => raw.find((socket) => socket.version === version)?.fd;
    this.#sender = new RawSender({ ipv4: fdOf(4), ipv6: fdOf(6) });
    this.phantom = new Phantom(phantomOptionsOf(values), this.#sender);
    this.challenge = new Challenge(this.#budgetOf(values), this.#sender, keys);
  }

  /** Those that there are; a probe gets one answer, of the first that has one. */
  get all(): readonly Prover[] {
    return [this.phantom, this.challenge].filter((prover) => prover !== undefined);
  }

  /** What the first says that finds anything proven. */
  readonly judge: JudgeReply = (reply, interfaceIndex, seenAtMs, hasService) =>
    this.phantom?.judge(reply, interfaceIndex, seenAtMs, hasService) ??
    this.challenge?.judge(reply, interfaceIndex, seenAtMs);

  /** Goes by another configuration. */
  reconfigure(values: Settings): void {
    this.phantom?.reconfigure(phantomOptionsOf(values));
    this.challenge?.reconfigure(this.#budgetOf(values));
  }

  /** Packets that rules of this machine have kept from leaving. */
  get refused(): number {
    return this.#sender?.counts().refused ?? 0;
  }

  #budgetOf(values: Settings) {
    return { perSecond: challengeRateOf(values, this.#isWatchOnly) };
  }
}

function phantomOptionsOf(values: Settings): PhantomOptions {
  return {
    perSecond: values.PHANTOM_RATE,
    scripts: new PhantomScripts(values.PHANTOM_ANSWER, values.PORT_BANNER),
  };
}
