import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Namespace, SKIP_REASON } from "./kernel-namespace.ts";

interface Observed {
  readonly absent: object;
  readonly standing: Readonly<Record<string, unknown>>;
  readonly banned: object;
  readonly fingerprints: object;
}

describe.skipIf(SKIP_REASON !== undefined)("TableReader", () => {
  let namespace: Namespace | undefined;
  let observed: Observed;

  beforeAll(() => {
    namespace = new Namespace("table");
    observed = namespace.runScript("kernel-table-scene.ts") as Observed;
  });
  afterAll(() => namespace?.close());

  it("says that there is no table where there is none", () => {
    expect(observed.absent).toEqual({
      fingerprint: null,
      counters: null,
      held: 0,
      stands: false,
      group: null,
      bits: null,
    });
  });

  it("reads the log group and the IPv6 key back from the rules", () => {
    expect(observed.standing).toMatchObject({ group: 4242, bits: 64 });
  });

  it("names every counter", () => {
    const names = ["full", "holds", "refused", "shut_out", "trusted", "unlogged"];
    expect(observed.standing["counters"]).toEqual(names);
  });

  it("finds an address in a set, and in an interval of one", () => {
    expect(observed.standing).toMatchObject({
      banned4: [true, false],
      banned6: [true, false],
      bannet4: [true, true, false],
    });
  });

  it("counts elements up to the limit, again and again", () => {
    expect(observed.standing).toMatchObject({ held: [2, 3, 3], heldAgain: 3, nowhere: 0 });
  });

  it("counts an interval once, also where one begins at the end of another", () => {
    expect(observed.standing).toMatchObject({ intervals: [3, 0] });
  });

  it("gives every address of a set, with what is left of it", () => {
    expect(observed.banned).toEqual({
      four: ["c0000207 timed"],
      six: ["20010db8000000000000000000000000 for good"],
      no: [],
    });
  });

  it("gives another fingerprint when somebody touches our rules, and only then", () => {
    expect(observed.fingerprints).toEqual({
      sameAfterElements: true,
      otherAfterRule: true,
      sameAfterForeignTable: true,
      otherAfterFlush: true,
      goneAfterFlush: true,
    });
  });
});
