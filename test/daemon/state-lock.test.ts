import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  LOCK_FILE,
  lockState,
  requireNoForeignGuard,
  requireUnlockedState,
} from "../../src/daemon/state-lock.ts";
import { ERRNO } from "../../src/kernel/errno.ts";
import { flock } from "../../src/kernel/libc.ts";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "vedette-lock-"));
});
afterEach(() => {
  chmodSync(state, 0o700);
  rmSync(state, { recursive: true });
});

describe("lockState", () => {
  it("is one guard's alone, and says who holds it", async () => {
    const lock = await lockState(state);
    await expect(lockState(state)).rejects.toMatchObject({
      code: "ERR_ALREADY_RUNNING",
      message: expect.stringContaining(`pid ${process.pid}, network namespace net:[`),
    });
    lock.close();
    lock.close();
    (await lockState(state)).close();
  });

  it("says that the other is in another network namespace where it is", async () => {
    const lock = await lockState(state);
    writeFileSync(join(state, LOCK_FILE), "pid 7, network namespace net:[1]\n");
    const words = /in another network namespace.*pid 7, network namespace net:\[1\]/;
    await expect(lockState(state)).rejects.toThrow(words);
    expect(() => requireUnlockedState(state)).toThrow(words);
    lock.close();
  });

  it("makes a file that nobody else can open", async () => {
    (await lockState(state)).close();
    expect(statSync(join(state, LOCK_FILE)).mode & 0o777).toBe(0o600);
  });

  it("goes without where the file cannot be made", async () => {
    (await lockState(join(state, "none"))).close();
    expect(existsSync(join(state, "none"))).toBe(false);
  });
});

describe("requireUnlockedState", () => {
  it("refuses while somebody holds it, makes no file, and lets go at once", async () => {
    requireUnlockedState(state);
    expect(existsSync(join(state, LOCK_FILE))).toBe(false);
    const lock = await lockState(state);
    expect(() => requireUnlockedState(state)).toThrow(
      expect.objectContaining({ code: "ERR_REFUSED" }),
    );
    lock.close();
    requireUnlockedState(state);
    requireUnlockedState(state);
  });
});

describe("requireNoForeignGuard", () => {
  it("lets whoever asks go on beside a guard of this network namespace, and beside none", async () => {
    requireNoForeignGuard(state);
    const lock = await lockState(state);
    requireNoForeignGuard(state);
    writeFileSync(join(state, LOCK_FILE), "pid 7, network namespace net:[1]\n");
    expect(() => requireNoForeignGuard(state)).toThrow(/in another network namespace/);
    lock.close();
    requireNoForeignGuard(state);
  });
});

describe("flock", () => {
  it("refuses a descriptor that is none", () => {
    expect(flock(-1, 2)).toBe(-ERRNO.EBADF);
  });
});
