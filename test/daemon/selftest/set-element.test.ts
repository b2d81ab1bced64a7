import { describe, expect, it } from "vitest";
import { findElement } from "../../../src/daemon/selftest/set-element.ts";

/** As `nft -j list set inet vedette banned4` prints it. */
function listing(elem: readonly unknown[] | undefined): unknown {
  const set = { family: "inet", name: "banned4", table: "vedette", type: "ipv4_addr", handle: 7 };
  return {
    nftables: [
      { metainfo: { version: "1.0.6", json_schema_version: 1 } },
      { set: elem === undefined ? set : { ...set, elem } },
    ],
  };
}

const TIMED = { elem: { val: "192.0.2.66", timeout: 4, expires: 3 } };

describe("findElement", () => {
  it.each([
    { what: "an element with a time", elements: [TIMED], found: { expiresSeconds: 3 } },
    {
      what: "one among others",
      elements: [{ elem: { val: "192.0.2.6", timeout: 9, expires: 8 } }, TIMED],
      found: { expiresSeconds: 3 },
    },
    {
      what: "one that stays, which is listed bare",
      elements: ["192.0.2.6", "192.0.2.66"],
      found: { expiresSeconds: undefined },
    },
    { what: "nothing where only others are", elements: ["192.0.2.6"], found: undefined },
    {
      what: "nothing in an empty set, which lists no elements",
      elements: undefined,
      found: undefined,
    },
  ])("finds $what", ({ elements, found }) => {
    expect(findElement(listing(elements), "192.0.2.66")).toEqual(found);
  });

  it.each([undefined, null, "", {}, { nftables: {} }, { nftables: [7] }])(
    "finds nothing in what is no listing: %j",
    (text) => {
      expect(findElement(text, "192.0.2.66")).toBeUndefined();
    },
  );
});
