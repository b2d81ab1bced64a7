import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OwnedSocket } from "../../src/daemon/guard-child.ts";
import { LOOK_MS, SocketWatch } from "../../src/daemon/socket-watch.ts";
import { OperationalError } from "../../src/errors.ts";
import { HealthTracker } from "../../src/health/tracker.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-socket-"));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

function scene() {
  const path = join(directory, "api.sock");
  writeFileSync(path, "");
  const handed: OwnedSocket[] = [];
  const told: string[] = [];
  const state = { refusal: undefined as OperationalError | undefined };
  const health = new HealthTracker(() => 0);
  const watch = new SocketWatch({
    path,
    open: () => {
      if (state.refusal !== undefined) throw state.refusal;
      writeFileSync(path, "");
      return { kind: "api", fd: 9 };
    },
    hand: (socket) => handed.push(socket),
    health,
    events: { note: (level, event, text) => told.push(`${level} ${event} ${text}`) },
  });
  watch.start();
  return { path, handed, told, state, health, watch };
}

describe("SocketWatch", () => {
  it("makes a socket again whose path is gone, hands it to the guard, and tells it", () => {
    const { path, handed, told, health, watch } = scene();
    vi.advanceTimersByTime(LOOK_MS);
    expect(handed).toEqual([]);
    rmSync(path);
    vi.advanceTimersByTime(2 * LOOK_MS);
    expect(handed).toEqual([{ kind: "api", fd: 9 }]);
    expect(told).toEqual([
      `warning api-socket-lost ${path} was removed by somebody, and was made again`,
    ]);
    expect(health.list()).toMatchObject([{ code: "api-socket-lost", severity: "warning" }]);
    watch.stop();
    rmSync(path);
    vi.advanceTimersByTime(2 * LOOK_MS);
    expect(handed).toHaveLength(1);
  });

  it("tells once that it cannot be made, and goes on trying", () => {
    const { path, handed, told, state, health, watch } = scene();
    state.refusal = new OperationalError("ERR_UNAVAILABLE", "no directory");
    rmSync(path);
    vi.advanceTimersByTime(3 * LOOK_MS);
    expect(told).toEqual([expect.stringMatching(/^error api-socket-lost .* no directory$/)]);
    expect(health.list()).toMatchObject([{ code: "api-socket-lost", severity: "error" }]);
    state.refusal = undefined;
    vi.advanceTimersByTime(LOOK_MS);
    expect(handed).toHaveLength(1);
    expect(health.list()).toMatchObject([{ code: "api-socket-lost", severity: "warning" }]);
    watch.stop();
  });
});
