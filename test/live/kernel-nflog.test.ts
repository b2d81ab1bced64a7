import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Namespace, SKIP_REASON } from "./kernel-namespace.ts";

interface Attempt {
  outcome: string;
  message?: string;
}

interface Observed {
  child: {
    uid: number;
    capabilities: string;
    ownGroup: string;
    ports: Record<string, number>;
    counts: Record<string, number>;
  };
  whileTaken: Attempt;
  afterChild: Attempt;
  afterClose: Attempt;
  overrun: Record<string, number>;
}

const title = SKIP_REASON === undefined ? "" : ` (${SKIP_REASON})`;

describe.skipIf(SKIP_REASON !== undefined)(`openNflog and NflogReader${title}`, () => {
  let namespace: Namespace | undefined;
  let observed: Observed;

  beforeAll(() => {
    namespace = new Namespace("nflog");
    observed = namespace.runScript("kernel-nflog-scene.ts") as Observed;
  });
  afterAll(() => namespace?.close());

  it("lets a child without any capability read a group that root has opened", () => {
    expect(observed.child).toMatchObject({ uid: 65_534, capabilities: "0000000000000000" });
    // 20 bytes IPv4, 8 bytes UDP and 10 bytes of text are 38; the first rule's snaplen is 32.
    expect(observed.child.ports).toEqual({ "4000 32 bytes": 40, "4001 38 bytes hold": 20 });
    expect(observed.child.counts).toMatchObject({
      packets: 60,
      lost: 0,
      overruns: 0,
      malformed: 0,
    });
  });

  it("refuses to open a group for a child without capabilities", () => {
    expect(observed.child.ownGroup).toBe("ERR_PERMISSION");
  });

  it("refuses a second listener on a group, and says which group and what to do", () => {
    expect(observed.whileTaken).toEqual({
      outcome: "ERR_ALREADY_RUNNING",
      message:
        "group 4242 is taken in this network namespace: another Vedette or a ulogd listens; " +
        "stop it or choose NFLOG_GROUP",
    });
  });

  it("gives the group free when the last copy of the descriptor is closed, and not before", () => {
    expect(observed.afterChild.outcome).toBe("ERR_ALREADY_RUNNING");
    expect(observed.afterClose.outcome).toBe("opened");
  });

  it("counts every packet that a full receive buffer has cost", () => {
    const { packets = 0, lost = 0, overruns = 0 } = observed.overrun;
    expect(overruns).toBeGreaterThan(0);
    expect(lost).toBeGreaterThan(0);
    expect(packets + lost).toBe(2001);
  });
});
