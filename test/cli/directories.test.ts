import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { apiSocketPath, resolveGuardPlaces, resolveSocketPath } from "../../src/cli/directories.ts";
import { OperationalError } from "../../src/errors.ts";
import { createFakeContext } from "./fake-context.ts";

const runtime = mkdtempSync(join(tmpdir(), "vedette-runtime-"));
afterAll(() => rmSync(runtime, { recursive: true }));

const user = { XDG_RUNTIME_DIR: "/run/user/1000", HOME: "/home/ada" };

describe("resolveGuardPlaces", () => {
  it.each([
    { who: "root", uid: 0, env: user, options: {}, run: "/run/vedette", state: "/var/lib/vedette" },
    {
      who: "a user",
      uid: 1000,
      env: user,
      options: {},
      run: "/run/user/1000/vedette",
      state: "/home/ada/.local/state/vedette",
    },
    {
      who: "a user without a runtime directory",
      uid: 1000,
      env: { HOME: "/home/ada" },
      options: {},
      run: "/home/ada/.local/state/vedette/run",
      state: "/home/ada/.local/state/vedette",
    },
    {
      who: "somebody with both variables",
      uid: 0,
      env: { VEDETTE_RUN_DIR: "/tmp/r", VEDETTE_STATE_DIR: "/tmp/s" },
      options: {},
      run: "/tmp/r",
      state: "/tmp/s",
    },
    {
      who: "somebody with both options as well",
      uid: 1000,
      env: { VEDETTE_RUN_DIR: "/tmp/r", VEDETTE_STATE_DIR: "/tmp/s" },
      options: { run: "/a/r", state: "/a/s" },
      run: "/a/r",
      state: "/a/s",
    },
    {
      who: "root with empty variables and options",
      uid: 0,
      env: { VEDETTE_RUN_DIR: "", VEDETTE_STATE_DIR: "" },
      options: { run: "", state: "" },
      run: "/run/vedette",
      state: "/var/lib/vedette",
    },
  ])("gives $who $run and $state", ({ uid, env, options, run, state }) => {
    expect(resolveGuardPlaces(options, createFakeContext({ uid, env }))).toEqual({
      runDirectory: run,
      stateDirectory: state,
    });
  });

  it("makes a relative directory absolute", () => {
    const places = resolveGuardPlaces({ run: "r", state: "s" }, createFakeContext());
    expect(places).toEqual({
      runDirectory: join(process.cwd(), "r"),
      stateDirectory: join(process.cwd(), "s"),
    });
  });
});

describe("resolveSocketPath", () => {
  const env = { XDG_RUNTIME_DIR: runtime };

  it("means the machine's guard for a user who has none, and the own one for who has", () => {
    const context = createFakeContext({ env });
    expect(resolveSocketPath({}, context)).toBe("/run/vedette/api.sock");
    mkdirSync(join(runtime, "vedette"));
    writeFileSync(join(runtime, "vedette/api.sock"), "");
    expect(resolveSocketPath({}, context)).toBe(join(runtime, "vedette/api.sock"));
  });

  it("takes a named directory as it is, whether a guard is there or not", () => {
    const context = createFakeContext({ env });
    expect(resolveSocketPath({ run: "/nowhere" }, context)).toBe("/nowhere/api.sock");
  });
});

describe("apiSocketPath", () => {
  it("takes a path of 107 bytes and refuses one of 108", () => {
    const directory = `/${"d".repeat(97)}`;
    expect(apiSocketPath(directory)).toHaveLength(107);
    expect(() => apiSocketPath(`${directory}d`)).toThrow(OperationalError);
  });

  it("counts bytes and not characters", () => {
    expect(() => apiSocketPath(`/${"d".repeat(96)}é`)).toThrow("longer than the 107 bytes");
  });
});
