import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Namespace, SKIP_REASON } from "./kernel-namespace.ts";

/** What has left, by name and IP version. */
type Left = Readonly<Record<"v4" | "v6", readonly string[]>>;

const title = SKIP_REASON === undefined ? "" : ` (${SKIP_REASON})`;

describe.skipIf(SKIP_REASON !== undefined)(`what leaves with the guard's mark${title}`, () => {
  let namespace: Namespace | undefined;
  let observed: Readonly<Record<"asking" | "talking" | "stopped" | "silent", Left>>;

  beforeAll(() => {
    namespace = new Namespace("sent");
    observed = namespace.runScript("kernel-sent-scene.ts") as typeof observed;
  });
  afterAll(() => namespace?.close());

  it("is a whole SYN+ACK and nothing else, whatever of a segment can be read", () => {
    expect(observed.asking).toEqual({ v4: ["synAck"], v6: ["synAck"] });
  });

  it("is any whole segment to who came to a port that looks open, and no piece of one", () => {
    // Too short for a header, it is a segment of that flow all the same, and harms nobody.
    const whole = ["synAck", "syn", "reset", "cutShort"];
    expect(observed.talking).toEqual({ v4: whole, v6: whole });
  });

  it("is nothing once the guard was stopped, or where it is to send nothing", () => {
    expect(observed.stopped).toEqual({ v4: [], v6: [] });
    expect(observed.silent).toEqual({ v4: [], v6: [] });
  });
});
