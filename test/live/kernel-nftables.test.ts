import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Namespace, SKIP_REASON } from "./kernel-namespace.ts";

interface Change {
  outcome: object;
  raisedBy: number;
}

/** What the scene prints. */
interface Observed {
  make: Change;
  add: Change;
  get: Change;
  rule: Change;
  list: object;
  json: object;
  remove: Change;
  removeAgain: Change;
  halfWrong: Change;
  getAfterHalfWrong: object;
  thousand: Change;
  longReason: { reason?: string };
  second: object;
  foreignChange: number;
  inherited: object;
  unprivileged: object;
}

const title = SKIP_REASON === undefined ? "" : ` (${SKIP_REASON})`;

describe.skipIf(SKIP_REASON !== undefined)(`Nftables and RulesetGeneration${title}`, () => {
  let namespace: Namespace | undefined;
  let observed: Observed;

  beforeAll(() => {
    namespace = new Namespace("nftables");
    observed = namespace.runScript("kernel-nftables-scene.ts") as Observed;
  });
  afterAll(() => namespace?.close());

  const done = (output: string, raisedBy: number) => ({
    outcome: { status: "ok", output },
    raisedBy,
  });
  const refused = { outcome: { status: "failed" }, raisedBy: 0 };

  it("runs several commands as one transaction, which is one generation", () => {
    expect(observed.make).toEqual(done("", 1));
  });

  it("adds and deletes an element, each a generation of its own", () => {
    expect(observed.add).toEqual(done("", 1));
    expect(observed.remove).toEqual(done("", 1));
  });

  it("changes the generation when a rule changes", () => {
    expect(observed.rule).toEqual(done("", 1));
  });

  it("changes the generation when another program flushes the ruleset", () => {
    expect(observed.foreignChange).toBe(1);
  });

  it("reads an element without changing the generation", () => {
    expect(observed.get).toMatchObject({ outcome: { status: "ok" }, raisedBy: 0 });
    expect(JSON.stringify(observed.get)).toContain("192.0.2.7 timeout 3600s expires");
  });

  it("lists without elements and counters when asked to, with numbers for names", () => {
    // nft -s -t -n list table inet vedette_test
    expect(observed.list).toEqual({
      status: "ok",
      output: [
        "table inet vedette_test {",
        "\tset banned4 {",
        "\t\ttype ipv4_addr",
        "\t\tflags timeout",
        "\t}",
        "",
        "\tchain gate {",
        "\t\ttcp dport 22 counter drop",
        "\t}",
        "}",
        "",
      ].join("\n"),
    });
  });

  it("lists as parsed JSON", () => {
    expect(observed.json).toMatchObject({
      status: "ok",
      output: { nftables: [{}, { set: { name: "banned4", table: "vedette_test" } }] },
    });
  });

  it("fails to delete what is not there, with the library's reason", () => {
    expect(observed.removeAgain).toMatchObject(refused);
    expect(JSON.stringify(observed.removeAgain)).toContain("No such file or directory");
  });

  it("takes nothing of a transaction of which one command is wrong", () => {
    expect(observed.halfWrong).toMatchObject(refused);
    expect(observed.getAfterHalfWrong).toMatchObject({ status: "failed" });
  });

  it("takes a thousand elements in one command, which a second context sees", () => {
    expect(observed.thousand).toEqual(done("", 1));
    expect(observed.second).toMatchObject({ status: "ok" });
  });

  it("cuts the reason of a command of a thousand elements to 500 characters", () => {
    expect(observed.longReason.reason).toHaveLength(500);
  });

  it("leaves no socket of the library to child processes", () => {
    expect(observed.inherited).toEqual({ ownSockets: 3, inChild: 0 });
  });

  it("refuses a process without CAP_NET_ADMIN", () => {
    expect(observed.unprivileged).toEqual({
      nftables: "ERR_PERMISSION",
      generation: "undefined",
    });
  });
});
