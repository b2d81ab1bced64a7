import { describe, expect, it } from "vitest";
import {
  heard,
  isDue,
  isSilent,
  lost,
  opened,
  retried,
  SILENT_MS,
} from "../../src/dashboard/connection.ts";

describe("a connection", () => {
  it("is silent when nothing has come for longer than that", () => {
    const live = heard(1000);
    expect(isSilent(live, 1000 + SILENT_MS)).toBe(false);
    expect(isSilent(live, 1001 + SILENT_MS)).toBe(true);
    expect(isSilent(opened(0), SILENT_MS)).toBe(false);
    expect(isSilent(opened(0), SILENT_MS + 1)).toBe(true);
    const again = retried(lost(live, 20_000, "gone"), 30_000);
    expect(isSilent(again, 30_000 + SILENT_MS)).toBe(false);
    expect(isSilent(again, 30_001 + SILENT_MS)).toBe(true);
    expect(isSilent(lost(live, 20_000, "gone"), 90_000)).toBe(false);
  });

  it("waits twice as long after each attempt that comes to nothing, 8 s at the most", () => {
    let connection = lost(heard(0), 0, "gone");
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      if (connection.status !== "gone") throw new Error("it was lost");
      pauses.push(connection.againAtMs);
      expect(isDue(connection, connection.againAtMs - 1)).toBe(false);
      expect(isDue(connection, connection.againAtMs)).toBe(true);
      connection = lost(retried(connection, 0), 0, "gone");
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it("knows since when nothing was heard, over all attempts", () => {
    const first = lost(heard(5000), 7000, "gone");
    const second = lost(retried(first, 8000), 9000, "gone");
    expect([first, second].map((each) => each.status === "gone" && each.sinceMs)).toEqual([
      5000, 5000,
    ]);
  });

  it("begins with short pauses again once it was live", () => {
    const gone = lost(retried(lost(heard(0), 0, "gone"), 0), 0, "gone");
    expect(gone).toMatchObject({ attempts: 2 });
    expect(lost(heard(20_000), 30_000, "gone")).toMatchObject({ attempts: 1, againAtMs: 30_500 });
  });
});
