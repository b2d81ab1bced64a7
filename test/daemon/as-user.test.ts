import { describe, expect, it } from "vitest";
import { asUser } from "../../src/daemon/as-user.ts";

/** Debian's "nobody" and "nogroup". */
const NOBODY = { uid: 65_534, gid: 65_534 };

const isRoot = process.getuid?.() === 0;

/** Node names the effective group among the groups, whether it is one or not. */
const rights = () => ({
  uid: process.geteuid?.(),
  gid: process.getegid?.(),
  groups: process.getgroups?.(),
});

describe("asUser", () => {
  it("gives back what was done", () => {
    expect(asUser({ uid: 0, gid: 0 }, () => "done")).toBe("done");
  });

  it.skipIf(!isRoot)("acts with that user's and group's rights and no other group's", () => {
    const own = rights();
    const borrowed = asUser(NOBODY, rights);
    expect(borrowed).toEqual({ ...NOBODY, groups: [NOBODY.gid] });
    expect(rights()).toEqual(own);
  });

  it.skipIf(!isRoot)("takes its own rights back when the act fails", () => {
    const own = rights();
    expect(() =>
      asUser(NOBODY, () => {
        throw new Error("it failed");
      }),
    ).toThrow("it failed");
    expect(rights()).toEqual(own);
  });

  it.skipIf(!isRoot)("acts as root for what root owns", () => {
    expect(asUser({ uid: 0, gid: NOBODY.gid }, rights).uid).toBe(0);
  });
});
