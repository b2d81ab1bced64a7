import { describe, expect, it } from "vitest";
import { familyRepresentative } from "../../src/detectors/port-families.ts";

describe("familyRepresentative", () => {
  it.each([
    { family: "mail autoconfiguration", ports: [993, 143, 995, 110, 465, 587] },
    { family: "SMB", ports: [445, 139] },
  ])("gives all ports of $family one representative", ({ ports }) => {
    expect(new Set(ports.map((port) => familyRepresentative("tcp", port))).size).toBe(1);
  });

  it("keeps the families apart", () => {
    expect(familyRepresentative("tcp", 993)).not.toBe(familyRepresentative("tcp", 445));
  });

  it.each([0, 22, 138, 144, 446, 65_535])("leaves tcp %i its own", (port) => {
    expect(familyRepresentative("tcp", port)).toBe(port);
  });

  it("takes every type of ICMP for one, and no two protocols", () => {
    expect(new Set([8, 13, 17, 128].map((type) => familyRepresentative("icmp", type))).size).toBe(
      1,
    );
    expect(familyRepresentative("ip", 47)).toBe(47);
  });

  it.each([139, 445, 993])("has no family for udp %i", (port) => {
    expect(familyRepresentative("udp", port)).toBe(port);
  });
});
