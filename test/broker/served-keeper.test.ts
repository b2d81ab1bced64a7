import { afterEach, describe, expect, it, vi } from "vitest";
import { ServedKeeper, servedBy } from "../../src/broker/served-keeper.ts";
import { SocketView } from "../../src/broker/socket-view.ts";
import { OperationalError } from "../../src/errors.ts";
import { FakeSockets, listener } from "./fake-sockets.ts";
import { address, FakeClock, FakeNft } from "./fakes.ts";

const ephemeral = { first: 32_768, last: 60_999 };
const own = ["127.0.0.1", "::1", "192.0.2.10", "2001:db8::10"].map(address);

afterEach(() => {
  vi.useRealTimers();
});

describe("servedBy", () => {
  it.each([
    { what: "every IPv4 address", given: {}, served: ["tcp 192.0.2.10 22"] },
    {
      what: "every address",
      given: { address: "::" },
      served: ["tcp 192.0.2.10 22", "tcp 2001:db8::10 22"],
    },
    {
      what: "every IPv6 address alone",
      given: { address: "::", isV6Only: true },
      served: ["tcp 2001:db8::10 22"],
    },
    { what: "one address", given: { address: "192.0.2.10" }, served: ["tcp 192.0.2.10 22"] },
    { what: "loopback", given: { address: "127.0.0.53" }, served: [] },
    { what: "IPv6 loopback", given: { address: "::1" }, served: [] },
    { what: "a UDP service", given: { transport: "udp", port: 53 }, served: ["udp 192.0.2.10 53"] },
    {
      what: "the last UDP port below the ephemeral ones",
      given: { transport: "udp", port: 32_767 },
      served: ["udp 192.0.2.10 32767"],
    },
    { what: "the first ephemeral UDP port", given: { transport: "udp", port: 32_768 }, served: [] },
    { what: "the last ephemeral UDP port", given: { transport: "udp", port: 60_999 }, served: [] },
    { what: "an ephemeral TCP port", given: { port: 40_000 }, served: ["tcp 192.0.2.10 40000"] },
  ] as const)("$what -> $served", ({ given, served }) => {
    const found = servedBy([listener(given)], own, ephemeral);
    expect(found.map((each) => `${each.transport} ${each.address} ${each.port}`)).toEqual(served);
  });

  it("has a port that many listen to once", () => {
    expect(
      servedBy([listener(), listener(), listener({ address: "192.0.2.10" })], own, ephemeral),
    ).toHaveLength(1);
  });
});

function open(graceMs = 600_000) {
  const nft = new FakeNft();
  const sockets = new FakeSockets();
  const faults: (string | undefined)[] = [];
  const interfaces = { eth0: own.map((each) => ({ address: each, cidr: null })) };
  const keeper = new ServedKeeper(
    { graceMs, ephemeral },
    {
      sockets: new SocketView(sockets, new FakeClock()),
      nft,
      onFault: (fault) => faults.push(fault),
      readInterfaces: () => interfaces,
    },
  );
  return { nft, sockets, faults, keeper };
}

describe("ServedKeeper", () => {
  it("writes what is served with the grace time, again and again", () => {
    const { nft, sockets, keeper } = open();
    sockets.listeners = [listener({ address: "::" })];
    keeper.fill();
    keeper.fill();
    expect(nft.elements("served4")).toEqual(["tcp . 192.0.2.10 . 22"]);
    expect(nft.elements("served6")).toEqual(["tcp . 2001:db8::10 . 22"]);
    expect(nft.timeoutOf("served4", "tcp . 192.0.2.10 . 22")).toBe(" timeout 600s");
  });

  it("does not let a short grace end between two writings", () => {
    const { nft, sockets, keeper } = open(30_000);
    sockets.listeners = [listener()];
    keeper.fill();
    expect(nft.timeoutOf("served4", "tcp . 192.0.2.10 . 22")).toBe(" timeout 90s");
  });

  it("writes nothing when nothing is served", () => {
    const { nft, keeper } = open();
    keeper.fill();
    expect(nft.runs).toEqual([]);
  });

  it("writes 8,192 ports and no more: the kernel needs the rest", () => {
    const { nft, sockets, keeper } = open();
    sockets.listeners = Array.from({ length: 9000 }, (_, index) => listener({ port: index + 1 }));
    keeper.fill();
    expect(nft.elements("served4")).toHaveLength(8192);
  });

  it("writes again every minute, and tells how that went", () => {
    vi.useFakeTimers();
    const { nft, sockets, faults, keeper } = open();
    sockets.listeners = [listener()];
    keeper.start();
    vi.advanceTimersByTime(59_999);
    expect(nft.runs).toEqual([]);
    vi.advanceTimersByTime(1);
    nft.isTableGone = true;
    vi.advanceTimersByTime(60_000);
    expect(faults).toEqual([
      undefined,
      "what is served cannot be written: Error: No such file or directory",
    ]);
    keeper.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells when the sockets cannot be listed", () => {
    vi.useFakeTimers();
    const { sockets, faults, keeper } = open();
    sockets.failure = new OperationalError("ERR_UNAVAILABLE", "no sock_diag");
    keeper.start();
    vi.advanceTimersByTime(60_000);
    keeper.stop();
    expect(faults).toEqual(["no sock_diag"]);
  });
});
