import { describe, expect, it } from "vitest";
import type { OwnedSocket } from "../../src/daemon/guard-child.ts";
import { openRawSockets } from "../../src/daemon/raw-sockets.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import type { RawSocketOutcome } from "../../src/kernel/raw-socket.ts";

/** What is opened when the kernel answers so for IPv4 and IPv6, and what is told of it. */
function open(
  ipv4: RawSocketOutcome,
  ipv6: RawSocketOutcome,
  owned: readonly OwnedSocket[] = [],
  health = new HealthTracker(() => 0),
) {
  const sockets = openRawSockets(health, owned, (version) => (version === 4 ? ipv4 : ipv6));
  return { sockets, texts: health.list().map(({ code, text }) => `${code}: ${text}`) };
}

const OPEN_4 = { status: "open", fd: 40 } as const;
const OPEN_6 = { status: "open", fd: 60 } as const;

describe("openRawSockets", () => {
  it("opens one of each family", () => {
    expect(open(OPEN_4, OPEN_6)).toEqual({
      sockets: [
        { kind: "raw", fd: 40, version: 4 },
        { kind: "raw", fd: 60, version: 6 },
      ],
      texts: [],
    });
  });

  it("keeps those that are open, and closes nothing of its own", () => {
    const owned: OwnedSocket[] = [
      { kind: "api", fd: 3 },
      { kind: "raw", fd: 9, version: 6 },
    ];
    expect(open(OPEN_4, OPEN_6, owned).sockets.map(({ fd }) => fd)).toEqual([40, 9]);
  });

  it("says nothing where the machine has no IPv6", () => {
    const { sockets, texts } = open(OPEN_4, { status: "no-family" });
    expect(sockets).toHaveLength(1);
    expect(texts).toEqual([]);
  });

  it("says what is lost where one cannot be had, and goes on with the other", () => {
    const failed = { status: "failed", reason: "EMFILE, too many open files" } as const;
    expect(open({ status: "forbidden" }, failed)).toEqual({
      sockets: [],
      texts: [
        "no-raw-sockets: No raw socket can be opened for IPv4 (CAP_NET_RAW is missing) and " +
          "IPv6 (EMFILE, too many open files): nobody is asked whether it is there, and no port looks open.",
      ],
    });
    expect(open(OPEN_4, { status: "forbidden" }).sockets).toHaveLength(1);
  });

  it("is over when both can be had", () => {
    const health = new HealthTracker(() => 0);
    open({ status: "forbidden" }, OPEN_6, [], health);
    expect(open(OPEN_4, OPEN_6, [], health).texts).toEqual([]);
  });
});
