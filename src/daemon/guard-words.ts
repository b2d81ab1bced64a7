/**
 * In which words a guard tells what happens, and where: as its configuration says at each moment.
 *
 * What goes on over a reload is kept here: the standard output, syslog, and the scans under way.
 */
import { systemClock } from "../clock.ts";
import type { Settings } from "../config/schema.ts";
import { SyslogSocket } from "../kernel/syslog-socket.ts";
import type { ScanStory } from "./dialects/scan-story.ts";
import type { Events } from "./events.ts";
import type { Hello } from "./guard-stages.ts";
import { openScanEvents, type ScanEventsParts } from "./open-events.ts";
import { PatientSyslog } from "./patient-syslog.ts";
import { openStandardOutput } from "./standard-output.ts";

type AsTheyAre = "broker" | "detector" | "keys" | "trusted" | "isBanned";

export interface GuardWordsParts extends Pick<ScanEventsParts, AsTheyAre> {
  readonly hello: Hello;
  /** One program in the system's log, whichever process speaks. */
  readonly brokerPid: number;
}

export class GuardWords {
  readonly #parts: GuardWordsParts;
  readonly #write = openStandardOutput();
  readonly #syslog: PatientSyslog;
  #story: ScanStory | undefined;

  constructor(parts: GuardWordsParts) {
    this.#parts = parts;
    const socket = new SyslogSocket({ ident: "portsentry", pid: parts.brokerPid }, systemClock);
    this.#syslog = new PatientSyslog(socket, systemClock);
  }

  /** @param texts of the same configuration. */
  open(values: Settings, { TCP_MODE = "", UDP_MODE = "" }: Hello["settings"]): Events {
    const { logOutputs, verbosity } = this.#parts.hello;
    const { events, story } = openScanEvents({
      ...this.#parts,
      values,
      texts: { TCP_MODE, UDP_MODE },
      logOutputs,
      verbosity,
      syslog: this.#syslog,
      write: this.#write,
      story: this.#story,
    });
    this.#story = story;
    return events;
  }

  /** Fulfilled when syslog has what it can be given. */
  settled(): Promise<void> {
    return this.#syslog.settled();
  }
}
