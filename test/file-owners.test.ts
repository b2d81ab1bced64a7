import { describe, expect, it } from "vitest";
import { directoryOwnersOf, ownersOf } from "../src/file-owners.ts";

const ME = process.geteuid?.() ?? 0;

describe("ownersOf", () => {
  it.each([
    { what: "root's own", uid: 0, gid: 0, mode: 0o100644, status: "ours" },
    { what: "our own", uid: ME, gid: 1000, mode: 0o100600, status: "ours" },
    { what: "somebody else's", uid: ME + 4711, gid: 0, mode: 0o100600, status: "strangers" },
    { what: "everybody's to write", uid: 0, gid: 0, mode: 0o100646, status: "strangers" },
    { what: "any group's to write", uid: 0, gid: 1000, mode: 0o100664, status: "strangers" },
    { what: "group root's to write", uid: 0, gid: 0, mode: 0o100664, status: "administrators" },
    { what: "group adm's to write", uid: 0, gid: 4, mode: 0o100660, status: "administrators" },
  ])("$what: $status", ({ uid, gid, mode, status }) => {
    expect(ownersOf({ uid, gid, mode }).status).toBe(status);
  });

  it("says who and with which mode", () => {
    expect(ownersOf({ uid: ME + 4711, gid: 0, mode: 0o100600 })).toMatchObject({
      reason: `it belongs to user ${ME + 4711} (mode 0600)`,
    });
    expect(ownersOf({ uid: 0, gid: 0, mode: 0o100666 })).toMatchObject({
      reason: "everybody can write it (mode 0666)",
    });
  });
});

describe("directoryOwnersOf", () => {
  it.each([
    { what: "of /tmp's kind", mode: 0o41777, status: "ours" },
    { what: "of everybody without the sticky bit", mode: 0o40777, status: "strangers" },
    { what: "of its owner alone", mode: 0o40755, status: "ours" },
  ])("$what: $status", ({ mode, status }) => {
    expect(directoryOwnersOf({ uid: ME + 4711, gid: 1000, mode }).status).toBe(status);
  });
});
