import { describe, expect, it } from "vitest";
import { PROTOCOL_TCP, PROTOCOL_UDP } from "../../src/packet/spec.ts";
import { PortHistory } from "../../src/replay/port-history.ts";

const US = Uint8Array.of(192, 0, 2, 1);
const own = Uint32Array.of(0, 0, 0xffff, new DataView(US.buffer).getUint32(0));

describe("PortHistory", () => {
  // A history is "answer@s refusal@s ...", asked at several times.
  it.each([
    { history: "answer@10", open: "0 10 99", closed: "" },
    { history: "refusal@5 answer@10", open: "6 10 99", closed: "0 5" },
    { history: "answer@10 refusal@20", open: "0 10 20", closed: "21 99" },
    { history: "answer@10 refusal@20 refusal@30 answer@40", open: "20 31 40 99", closed: "21 30" },
    { history: "refusal@10", open: "", closed: "0 10 99" },
  ])("after $history is open at [$open] and not at [$closed]", ({ history, open, closed }) => {
    const ports = new PortHistory();
    for (const event of history.split(" ")) {
      const [what, seconds] = event.split("@");
      const atEpochMs = Number(seconds) * 1000;
      if (what === "answer") ports.observeOpen(own, PROTOCOL_TCP, 22, atEpochMs);
      else ports.observeClosed(own, PROTOCOL_TCP, 22, atEpochMs);
    }
    const asked = (times: string, isOpen: boolean) => {
      for (const seconds of times.split(" ").filter((text) => text !== "")) {
        const found = ports.isOpen(own, PROTOCOL_TCP, 22, Number(seconds) * 1000);
        expect({ seconds, isOpen: found }).toEqual({ seconds, isOpen });
      }
    };
    asked(open, true);
    asked(closed, false);
  });

  it("keeps transports, ports and addresses apart", () => {
    const ports = new PortHistory();
    ports.observeOpen(own, PROTOCOL_TCP, 53, 0);
    expect(ports.isOpen(own, PROTOCOL_UDP, 53, 0)).toBe(false);
    expect(ports.isOpen(own, PROTOCOL_TCP, 54, 0)).toBe(false);
    expect(ports.isOpen(Uint32Array.of(0, 0, 0xffff, 1), PROTOCOL_TCP, 53, 0)).toBe(false);
  });

  it("leaves room for answers when refusals are without number", () => {
    const ports = new PortHistory();
    for (let address = 0; address < 200_000; address += 1) {
      ports.observeClosed(Uint32Array.of(0, 0, 0xffff, address), PROTOCOL_TCP, 1, 0);
    }
    ports.observeOpen(own, PROTOCOL_TCP, 22, 0);
    expect(ports.isOpen(own, PROTOCOL_TCP, 22, 0)).toBe(true);
    expect(ports.unlearned).toBe(0);
  });
});
