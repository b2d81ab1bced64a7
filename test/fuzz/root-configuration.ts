/**
 * What root has left for the broker to read again: the configuration and a candidate, with the real
 * reloader and the real trial over them. Both keep the same ports, so that no socket is opened, and
 * rules for bans that are the same: a second budget cannot be had by asking for them again.
 */
import { readFileSync } from "node:fs";
import { CANDIDATE_FILE } from "../../src/config/candidate.ts";
import { type Configuration, requireConfiguration } from "../../src/config/load.ts";
import { GUARD_FILE } from "../../src/daemon/guard-places.ts";
import { Reloader } from "../../src/daemon/reloader.ts";
import { Trial } from "../../src/daemon/trial.ts";
import { VedetteEvents } from "../../src/daemon/vedette-events.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { createLogger } from "../../src/logger.ts";
import type { FakeClock } from "../broker/fakes.ts";
import type { FakeFiles } from "../broker/trust/fake-files.ts";

const PORT = 2;

const linesOf = (holdTime: string) =>
  `UDP_MODE=""\nTCP_MODE="tcp"\nTCP_PORTS="${PORT}"\nHOLD_TIME="${holdTime}"\n`;

/** The file of the configuration, and what root would have tried instead. */
const FORMER = linesOf("10s");
const CANDIDATE = linesOf("30s");

const FILE = "vedette.conf";

/** The configuration, and what reloads and trials may leave beside it. */
export const CONFIGURATION_FILES = [FILE, CANDIDATE_FILE, "unconfirmed.conf", GUARD_FILE];

export class RootConfiguration {
  readonly trial: Trial;
  readonly #path: string;
  readonly #reloader: Reloader;

  /** @param onConfiguration another one is in force. */
  constructor(
    files: FakeFiles,
    clock: FakeClock,
    onConfiguration: (configuration: Configuration) => void,
  ) {
    const path = files.write(FILE, FORMER);
    files.write(CANDIDATE_FILE, CANDIDATE);
    this.#path = path;
    const stateDirectory = files.folder;
    const events = new VedetteEvents({
      logger: createLogger("text", clock, () => {}),
      clock,
      tells: "everything",
    });
    this.#reloader = new Reloader({
      configuration: requireConfiguration({ path }),
      request: { path },
      stateDirectory,
      watchOnly: undefined,
      sockets: [
        { kind: "api", fd: -1 },
        { kind: "tcp-listener", fd: -1, port: PORT },
      ],
      keeper: undefined,
      privileged: { reconfigure: async () => {}, trust: { refresh: async () => {} } },
      guard: {
        adopt: onConfiguration,
        replace: async () => {},
        tellFiles: () => {},
        whenReady: async () => {},
      },
      health: new HealthTracker(() => clock.epochMs()),
      events,
      onConfiguration: () => {},
    });
    this.trial = new Trial({
      stateDirectory,
      reloader: this.#reloader,
      events,
      onChange: () => {},
      onReload: () => {},
    });
  }

  /** @returns what is not root's own word in the files or in force; undefined when all of it is. */
  get foreignWord(): string | undefined {
    const text = readFileSync(this.#path, "utf8");
    if (text !== FORMER && text !== CANDIDATE) return `in the file: ${text}`;
    const { HOLD_TIME } = this.#reloader.configuration.texts;
    return HOLD_TIME === "10s" || HOLD_TIME === "30s" ? undefined : `in force: ${HOLD_TIME}`;
  }
}
