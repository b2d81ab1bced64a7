import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openBlockLog } from "../../src/daemon/block-lines.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { DROPPED_PACKET, FakeClock } from "../broker/fakes.ts";
import { TemporaryFolder } from "../broker/legacy/temporary-folder.ts";

describe("openBlockLog", () => {
  it("writes nothing and complains of nothing when no file is named", () => {
    const health = new HealthTracker(() => 0);
    const { append } = openBlockLog(undefined, health, new FakeClock());
    expect(append(DROPPED_PACKET)).toEqual({ status: "refused", reason: "BLOCK_LOG is not set" });
    expect(health.list()).toEqual([]);
  });

  it("says at once what is wrong with the file, and that it is over with the next line", () => {
    using folder = new TemporaryFolder();
    const path = folder.join("block.log");
    mkdirSync(path);
    const health = new HealthTracker(() => 0);
    const { append } = openBlockLog(path, health, new FakeClock());
    const texts = () => health.list().map(({ code, text }) => `${code}: ${text}`);
    const lacking = (lines: string) =>
      `block-log-failed: The block log lacks ${lines}: ${path} cannot be written: EISDIR.`;
    expect(texts()).toEqual([lacking("0 lines")]);
    expect(append(DROPPED_PACKET).status).toBe("failed");
    expect(texts()).toEqual([lacking("1 line")]);

    rmdirSync(path);
    expect(append(DROPPED_PACKET).status).toBe("applied");
    expect(health.list()).toEqual([]);
    expect(readFileSync(path, "utf8")).toContain(
      ` portsentry[${process.pid}]: Portsentry: dropping: IN= OUT= MAC= SRC=192.0.2.7 `,
    );
  });

  it("takes no refusal for a fault of the file", () => {
    using folder = new TemporaryFolder();
    const health = new HealthTracker(() => 0);
    const { append } = openBlockLog(folder.join("block.log"), health, new FakeClock());
    const statuses = Array.from({ length: 4 }, () => append(DROPPED_PACKET).status);
    expect(statuses).toEqual(["applied", "applied", "applied", "refused"]);
    expect(health.list()).toEqual([]);
  });
});
