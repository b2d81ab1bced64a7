import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import type { JoinRequest } from "../../src/daemon/join-protocol.ts";
import { Watchers } from "../../src/daemon/watchers.ts";
import type { ReloadOutcome } from "../../src/model/reload.ts";

const PATH = "/there/is/no/vedette.conf";

const RELOADED: ReloadOutcome = {
  status: "reloaded",
  configRevision: "c0ffee",
  changed: ["UDP_MODE"],
  faults: [],
  warnings: [],
  guard: "kept",
  memory: "kept",
};

function scene(outcome: ReloadOutcome = RELOADED) {
  const loaded = loadConfiguration({ overrides: { TCP_MODE: "atcp", UDP_MODE: "" } });
  if (loaded.status === "invalid") throw new Error("the defaults do not load");
  const texts = { ...loaded.configuration.texts };
  const asked: string[] = [];
  let inForce = Promise.resolve();
  /** Modes are in force when what is returned is called. */
  const pauseModes = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    inForce = promise;
    return resolve;
  };
  const watchers = new Watchers({
    configuration: () => ({ ...loaded.configuration, path: PATH, texts }),
    setMode: async (key, text) => {
      asked.push(`${key}=${text}`);
      await inForce;
      if (outcome.faults.length === 0) texts[key] = text;
      return outcome;
    },
    pid: 100,
  });
  return { watchers, asked, pauseModes };
}

const AUDP: JoinRequest = {
  request: "join",
  transport: "udp",
  mode: "audp",
  configPath: PATH,
};

describe("Watchers", () => {
  it("has another transport watched until it is left", async () => {
    const { watchers, asked } = scene();
    expect(await watchers.join(AUDP, 200)).toEqual({ status: "joined", pid: 100 });
    await watchers.leave("udp");
    expect(asked).toEqual(["UDP_MODE=audp", "UDP_MODE="]);
    expect(await watchers.join(AUDP, 300)).toMatchObject({ status: "joined" });
  });

  it("lets in who comes back before its transport is taken away, once it is", async () => {
    const { watchers, asked, pauseModes } = scene();
    await watchers.join(AUDP, 200);
    const goOn = pauseModes();
    const left = watchers.leave("udp");
    const back = watchers.join(AUDP, 300);
    goOn();
    await left;
    expect(await back).toMatchObject({ status: "joined" });
    expect(asked).toEqual(["UDP_MODE=audp", "UDP_MODE=", "UDP_MODE=audp"]);
  });

  it.each([
    {
      what: "what the guard itself watches",
      request: { ...AUDP, transport: "tcp", mode: "stcp" },
      message: "portsentry watches TCP here already (pid 100, mode atcp): stop it first",
    },
    {
      what: "what another has asked for",
      request: { ...AUDP, mode: "sudp" },
      message: "portsentry watches UDP here already (pid 200, mode audp): stop it first",
    },
    {
      what: "another file",
      request: { ...AUDP, configPath: "/other.conf" },
      message: `portsentry runs here by another file (pid 100, ${PATH}): stop it first, or name that file`,
    },
  ] as const)("refuses $what by name, and changes nothing", async ({ request, message }) => {
    const { watchers, asked } = scene();
    await watchers.join(AUDP, 200);
    const code = "ERR_ALREADY_RUNNING";
    expect(await watchers.join(request, 300)).toEqual({ status: "refused", code, message });
    expect(asked).toEqual(["UDP_MODE=audp"]);
  });

  it("lets one of two in that ask at the same time", async () => {
    const { watchers } = scene();
    const answers = await Promise.all([watchers.join(AUDP, 200), watchers.join(AUDP, 300)]);
    expect(answers.map(({ status }) => status)).toEqual(["joined", "refused"]);
  });

  it.each([
    { status: "invalid", code: "ERR_CONFIG_INVALID" },
    { status: "failed", code: "ERR_UNAVAILABLE" },
  ] as const)("hands on why it is $status, and can be asked again", async ({ status, code }) => {
    const { watchers } = scene({ ...RELOADED, status, faults: ["a", "b"] });
    const refused = { status: "refused", code, message: "a\nb" };
    expect(await watchers.join(AUDP, 200)).toEqual(refused);
    expect(await watchers.join(AUDP, 200)).toEqual(refused);
  });
});
