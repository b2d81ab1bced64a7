import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Namespace, SKIP_REASON } from "./kernel-namespace.ts";

interface Observed {
  readonly child: Readonly<Record<string, unknown>>;
  /** Packets that left with our mark, SYN and ACK, and the right source, by interface. */
  readonly left: Readonly<Record<string, number>>;
}

const title = SKIP_REASON === undefined ? "" : ` (${SKIP_REASON})`;

describe.skipIf(SKIP_REASON !== undefined)(`openRawSocket and RawSender${title}`, () => {
  let namespace: Namespace | undefined;
  let observed: Observed;

  beforeAll(() => {
    namespace = new Namespace("raw");
    observed = namespace.runScript("kernel-raw-socket-scene.ts") as Observed;
  });
  afterAll(() => namespace?.close());

  it("sends by the interface that is named, and by the source's routes where none is", () => {
    expect(observed.child).toMatchObject({ first4: true, second4: true, byRoutes4: true });
    expect(observed.child).toMatchObject({ first6: true, second6: true, byRoutes6: true });
    expect(observed.left).toEqual({ uplink1v4: 1, uplink1v6: 1, uplink2v4: 2, uplink2v6: 2 });
  });

  it("counts what the machine's own rules drop apart from what else cannot be sent", () => {
    expect(observed.child).toMatchObject({ dropped: false, noSuchInterface: false });
    expect(observed.child["counts"]).toEqual({ sent: 6, refused: 1, failed: 1 });
  });

  it("opens no socket without capabilities, and lets nobody without them change the mark", () => {
    expect(observed.child).toMatchObject({ ownSocket: "forbidden", canChangeMark: false });
  });
});
