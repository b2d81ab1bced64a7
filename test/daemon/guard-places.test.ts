import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readGuardPlaces, writeGuardPlaces } from "../../src/daemon/guard-places.ts";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "vedette-state-"));
});
afterEach(() => rmSync(state, { recursive: true }));

const places = {
  configPath: "/etc/vedette/other.conf",
  ignoreFile: { path: "/etc/vedette/other.ignore", isNamed: true },
  modes: { tcp: "atcp", udp: "" },
};

describe("writeGuardPlaces", () => {
  it("leaves word that is read again, for all to read and root to write", () => {
    expect(writeGuardPlaces(state, { ...places, ignoreFile: { isNamed: false } })).toBeUndefined();
    expect(writeGuardPlaces(state, places)).toBeUndefined();
    expect(readGuardPlaces(state)).toEqual({ status: "read", places });
    expect(readdirSync(state)).toEqual(["guard.json"]);
    expect(statSync(join(state, "guard.json")).mode & 0o777).toBe(0o644);
  });

  it("makes paths absolute, because commands run elsewhere", () => {
    writeGuardPlaces(state, {
      ...places,
      configPath: "a.conf",
      ignoreFile: { path: "b", isNamed: true },
    });
    expect(readGuardPlaces(state)).toMatchObject({
      places: {
        configPath: join(process.cwd(), "a.conf"),
        ignoreFile: { path: join(process.cwd(), "b") },
      },
    });
  });

  it("says why it could not, and throws nothing", () => {
    expect(writeGuardPlaces(join(state, "none"), places)).toContain("cannot be written: ENOENT");
  });
});

describe("readGuardPlaces", () => {
  it("tells where no guard has been from what cannot be believed", () => {
    expect(readGuardPlaces(state)).toEqual({ status: "absent" });
    expect(readGuardPlaces(join(state, "none"))).toEqual({ status: "absent" });
    writeGuardPlaces(state, places);
    chmodSync(join(state, "guard.json"), 0o666);
    expect(readGuardPlaces(state)).toMatchObject({ status: "unreadable" });
  });

  it.each(["", "{", "[]", '{"configPath":"/a","ignoreFile":{"path":7,"isNamed":true}}'])(
    "does not believe %j",
    (text) => {
      writeFileSync(join(state, "guard.json"), text, { mode: 0o644 });
      expect(readGuardPlaces(state)).toMatchObject({ status: "unreadable" });
    },
  );
});
