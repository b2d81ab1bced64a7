import { describe, expect, it } from "vitest";
import { findCapabilities } from "../../src/daemon/privileges.ts";

const status = (sets: Record<string, string>) =>
  Object.entries(sets)
    .map(([name, mask]) => `${name}:\t${mask}\n`)
    .join("");
const NONE = {
  CapInh: "0000000000000000",
  CapPrm: "0000000000000000",
  CapEff: "0000000000000000",
  CapBnd: "000001ffffffffff",
  CapAmb: "0000000000000000",
};

describe("findCapabilities", () => {
  it("finds none where all sets but the bounding one are empty", () => {
    expect(findCapabilities(status(NONE))).toEqual([]);
  });

  it.each(["CapInh", "CapPrm", "CapEff", "CapAmb"])("finds what is left in %s", (name) => {
    expect(findCapabilities(status({ ...NONE, [name]: "0000000000001000" }))).toEqual([name]);
  });

  it("takes a set that is not told for one that is not empty", () => {
    expect(findCapabilities("Name:\tnode\n")).toEqual(["CapInh", "CapPrm", "CapEff", "CapAmb"]);
  });
});
