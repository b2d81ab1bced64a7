/** What `npm run package` makes: the same twice, complete, for the right processor, installable. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLive } from "../support/live.ts";

/** elf(5), e_machine. */
const ELF_MACHINES = { amd64: 62, arm64: 183 } as const;

/** Which package of Debian has a library that our binaries ask for. */
const LIBRARIES: Readonly<Record<string, string>> = {
  "ld-linux-x86-64.so.2": "libc6",
  "ld-linux-aarch64.so.1": "libc6",
  "libatomic.so.1": "libatomic1",
  "libc.so.6": "libc6",
  "libdl.so.2": "libc6",
  "libgcc_s.so.1": "libgcc-s1",
  "libm.so.6": "libc6",
  "libpthread.so.0": "libc6",
  "libstdc++.so.6": "libstdc++6",
};

let folder: string;

function run(command: string, args: readonly string[], env: Record<string, string> = {}): string {
  return execFileSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** SHA-256 of each file of a build, by its name. */
function digestsOf(build: string): Record<string, string> {
  const names = readdirSync(join(folder, build)).sort();
  return Object.fromEntries(
    names.map((name) => {
      const bytes = readFileSync(join(folder, build, name));
      return [name, createHash("sha256").update(bytes).digest("hex")];
    }),
  );
}

function packageOf(architecture: string): string {
  return join(folder, "first", `vedette_0.1.0-1_${architecture}.deb`);
}

/** Native files of a package, unpacked. */
function unpackNative(architecture: keyof typeof ELF_MACHINES): string[] {
  const place = join(folder, `unpacked-${architecture}`);
  if (!existsSync(place)) run("dpkg-deb", ["-x", packageOf(architecture), place]);
  return globSync(`${place}/usr/lib/vedette/node_modules/**/{node,koffi.node}`).filter((path) =>
    readFileSync(path).subarray(0, 4).equals(Buffer.from("\x7fELF")),
  );
}

describeLive("npm run package", ["dpkg-deb", "readelf", "npm"], () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vedette-packages-"));
    for (const build of ["first", "second"]) {
      run(process.execPath, ["packaging/package.ts", "--out", join(folder, build)]);
    }
  }, 1_800_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("makes the same bytes twice", () => {
    const first = digestsOf("first");
    expect(Object.keys(first)).toEqual([
      "vedette-0.1.0.cdx.json",
      "vedette-0.1.0.tgz",
      "vedette_0.1.0-1_amd64.cdx.json",
      "vedette_0.1.0-1_amd64.deb",
      "vedette_0.1.0-1_arm64.cdx.json",
      "vedette_0.1.0-1_arm64.deb",
    ]);
    expect(digestsOf("second")).toEqual(first);
  });

  it.each(["amd64", "arm64"] as const)("carries Node and koffi for %s, and no others", (name) => {
    const machines = unpackNative(name).map((path) => readFileSync(path).readUInt16LE(18));
    expect(machines).toEqual([ELF_MACHINES[name], ELF_MACHINES[name]]);
    expect(run("dpkg-deb", ["--field", packageOf(name), "Architecture"])).toBe(`${name}\n`);
  });

  it.each(["amd64", "arm64"] as const)("depends on what the binaries of %s ask for", (name) => {
    const depends = run("dpkg-deb", ["--field", packageOf(name), "Depends"])
      .split(",")
      .map((each) => each.trim().split(" ")[0] ?? "");
    const needed = unpackNative(name).flatMap((path) =>
      [...run("readelf", ["-d", path]).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(
        ([, library = ""]) => LIBRARIES[library] ?? library,
      ),
    );
    expect(depends).toEqual(expect.arrayContaining([...new Set(needed), "libnftables1"]));
  });

  it.each(["amd64", "arm64"])(
    "gives lintian nothing to say of %s but what is explained",
    (name) => {
      if (!existsSync("/usr/bin/lintian")) return;
      const said = run("lintian", ["--allow-root", "--tag-display-limit", "0", packageOf(name)]);
      // Manuals are written beside the checkout's other texts, and packed as soon as they are there.
      const tags = said.split("\n").filter((line) => /^[EW]:/.test(line));
      expect(
        existsSync("man") ? tags : tags.filter((tag) => !tag.includes("no-manual-page")),
      ).toEqual([]);
    },
  );

  it("makes an npm package that runs on a machine with Node 20, without any script", () => {
    const prefix = join(folder, "prefix");
    const old = join(folder, "old");
    mkdirSync(old);
    writeFileSync(join(old, "node"), "#!/bin/sh\necho v20.20.2\n");
    chmodSync(join(old, "node"), 0o755);
    const archive = join(folder, "first", "vedette-0.1.0.tgz");
    run("npm", ["install", "--global", "--ignore-scripts", "--prefix", prefix, archive], {
      PATH: "/usr/local/bin:/usr/bin:/bin",
    });

    const path = { PATH: `${old}:/usr/bin:/bin` };
    expect(run(join(prefix, "bin/vedette"), ["--version"], path)).toBe("0.1.0\n");
    const home = join(prefix, "lib/node_modules/vedette");
    const [node = ""] = globSync(`${home}/node_modules/node-linux-*/bin/node`);
    const loaded = `require("${home}/node_modules/koffi").load(null); console.log(process.version)`;
    expect(run(node, ["--eval", loaded])).toBe("v26.10.0\n");
    expect(existsSync(join(home, "node_modules/vitest"))).toBe(false);
  });
});
