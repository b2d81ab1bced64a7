import { describe, expect, it } from "vitest";
import { NftablesExecutor } from "../../../src/broker/executors/nftables.ts";
import { WatchOnlyExecutor } from "../../../src/broker/executors/watch-only.ts";
import { TrustedSet } from "../../../src/broker/trusted-set.ts";
import { FakeClock, FakeNft, prefix } from "../fakes.ts";

const refused = { status: "refused", reason: "BLOCK_TCP is 0" };
const ban = { prefix: prefix("192.0.2.7"), timeoutMs: null };

describe("WatchOnlyExecutor", () => {
  it("refuses every ban with its reason", () => {
    const executor = new WatchOnlyExecutor("BLOCK_TCP is 0");
    expect(executor.refusal()).toBe("BLOCK_TCP is 0");
    expect(executor.ban([ban])).toEqual([refused]);
    expect(executor.restore([ban])).toEqual([refused]);
  });

  it("takes standing bans away all the same", () => {
    const nft = new FakeNft();
    nft.run("add element inet vedette banned4 { 192.0.2.7 }");
    const kernel = new NftablesExecutor(
      { ipv6PrefixBits: 64 },
      {
        nft,
        elements: nft,
        reader: nft,
        clock: new FakeClock(),
        trusted: new TrustedSet(),
        sharedIpv6: () => [],
      },
    );
    const executor = new WatchOnlyExecutor("BLOCK_TCP is 0", kernel);
    expect(executor.unban([ban.prefix])).toEqual([{ status: "applied" }]);
    expect(nft.elements("banned4")).toEqual([]);
  });

  it("without nftables has nothing to take away and counts nothing", () => {
    const executor = new WatchOnlyExecutor("there is no nftables");
    expect(executor.unban([ban.prefix])).toEqual([{ status: "already-applied" }]);
    expect(executor.measure()).toMatchObject({ held: 0 });
    expect(executor.forget()).toEqual({ bans: 0, wide: 0 });
  });
});
