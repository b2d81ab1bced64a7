import { describe, expect, it } from "vitest";
import type { LegacyResponse } from "../../src/broker/executors/deed.ts";
import type { Responded } from "../../src/broker/legacy-bans.ts";
import { OperationalError } from "../../src/errors.ts";
import type { Ban } from "../../src/model/ban.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { LegacyResponder } from "../../src/responders/legacy.ts";

const source = parsePrefix("192.0.2.7") as Prefix;
const ban: Ban = {
  prefix: source,
  sinceEpochMs: 0,
  untilEpochMs: 60_000,
  evidence: "claimed",
  origin: "detector",
  reason: "a test",
  ruleId: "trigger",
  campaignId: "c1",
  means: [],
  configRevision: "test",
};
const cause = { transport: "udp", port: 161, block: 1 } as const;
const LINE: LegacyResponse = { name: "hosts-deny", status: "already-applied", text: "ALL: x" };
const ROUTE: LegacyResponse = { name: "route", status: "failed", text: "route", reason: "no" };
const COMMAND: LegacyResponse = { name: "command", status: "applied", text: "echo" };
const NOTHING: Responded = { outcome: { status: "already-applied" }, responses: [] };

function makeResponder(responded: Responded, fails?: Error) {
  const asked: unknown[] = [];
  const answer = async (what: unknown) => {
    asked.push(what);
    if (fails !== undefined) throw fails;
    return responded;
  };
  const responder = new LegacyResponder(
    {
      respond: answer,
      undo: async (prefixes, withLeftovers) => [await answer({ prefixes, withLeftovers })],
    },
    () => 20_000,
  );
  return { asked, responder };
}

describe("LegacyResponder", () => {
  it("names the source, the port, the transport and the time that is left, and no more", async () => {
    const { asked, responder } = makeResponder(NOTHING);
    await responder.apply({ act: "ban", ban, cause });
    const named = { source, port: 161, transport: "udp", timeoutMs: 40_000, evidence: "claimed" };
    expect(asked).toEqual([{ ...named, isLonger: false }]);
  });

  it("says of a ban that is to be longer that nothing is to be done twice", async () => {
    const { asked, responder } = makeResponder(NOTHING);
    const proven: Ban = { ...ban, evidence: "proven" };
    await responder.apply({ act: "ban", ban: proven, cause, raisedFrom: "claimed" });
    expect(asked).toMatchObject([{ evidence: "proven", isLonger: true }]);
  });

  it("counts as means what stands, and not what failed", async () => {
    const responses = [LINE, ROUTE, COMMAND];
    const { responder } = makeResponder({ outcome: { status: "applied" }, responses });
    expect(await responder.apply({ act: "ban", ban, cause })).toEqual({
      outcome: { status: "applied" },
      means: ["hosts-deny", "command"],
      responses,
    });
  });

  it("has nothing to say where no key asks for anything", async () => {
    const { responder } = makeResponder(NOTHING);
    expect(await responder.apply({ act: "ban", ban, cause })).toBeUndefined();
  });

  it("responds to no ban by command", async () => {
    const { asked, responder } = makeResponder(NOTHING);
    expect(await responder.apply({ act: "ban", ban, cause: undefined })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("responds to no scan without a port, which PortSentry's words want", async () => {
    const { asked, responder } = makeResponder(NOTHING);
    for (const transport of ["icmp", "ip"] as const) {
      const portless = { transport, port: 8, block: 1 } as const;
      expect(await responder.apply({ act: "ban", ban, cause: portless })).toBeUndefined();
    }
    expect(asked).toEqual([]);
  });

  it.each([
    { by: "operator", withLeftovers: true },
    { by: "guard", withLeftovers: false },
  ] as const)(
    "takes back what was done, and what else stands only by hand ($by)",
    async (given) => {
      const { asked, responder } = makeResponder(NOTHING);
      expect(await responder.apply({ act: "unban", prefix: source, by: given.by })).toEqual({
        ...NOTHING,
        means: [],
      });
      expect(asked).toEqual([{ prefixes: [source], withLeftovers: given.withLeftovers }]);
    },
  );

  it("makes an outcome of a broker that is gone, and hides no bug", async () => {
    const gone = new OperationalError("ERR_BROKER", "the broker is gone");
    const order = { act: "ban", ban, cause } as const;
    expect(await makeResponder(NOTHING, gone).responder.apply(order)).toMatchObject({
      outcome: { status: "failed", reason: "the broker is gone" },
    });
    const { responder } = makeResponder(NOTHING, new TypeError("a bug"));
    await expect(responder.apply(order)).rejects.toThrow("a bug");
  });
});
