/** No package's own program runs when packages are installed: nothing is compiled, nothing loaded. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const hasNpm = spawnSync("npm", ["--version"]).status === 0;

/** Scripts that npm runs by itself, npm-scripts(7), "Life Cycle Scripts". */
const LIFE_CYCLE =
  /^(?:pre|post)?(?:install|prepare|pack|publish|dependencies|uninstall|version)$|^prepublishOnly$/;

/** Files that tell somebody, or something, to install packages. */
const TELLING = [
  ...["*.md", "docs/**/*.md", "man/*", "scripts/*", "packaging/**/*.ts", ".ci/*"].flatMap((each) =>
    globSync(each),
  ),
].sort();

/** A command to the end of its line, or of its code marks. */
const INSTALLING = /\bnpm (?:install|i|add|update|exec|ci)\b[^\n`"]*/g;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-npm-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the checkout", () => {
  it("has no script of its own that npm runs by itself", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
      scripts: Record<string, string>;
    };
    expect(Object.keys(scripts).filter((name) => LIFE_CYCLE.test(name))).toEqual([]);
  });

  it.skipIf(!hasNpm).each([
    { what: "with .npmrc", hasNpmrc: true, ran: [] },
    // That npm would run both, or the test above shows nothing.
    { what: "without it", hasNpmrc: false, ran: ["of-the-dependency", "of-the-project"] },
  ])("$what npm runs at an installation the scripts $ran", ({ hasNpmrc, ran }) => {
    const project = join(folder, "project");
    const dependency = join(folder, "dependency");
    const write = (path: string, name: string, dependencies: Record<string, string>) => {
      mkdirSync(path);
      const scripts = { postinstall: `echo > ${join(folder, name)}` };
      const manifest = { name, version: "1.0.0", scripts, dependencies };
      writeFileSync(join(path, "package.json"), JSON.stringify(manifest));
    };
    write(dependency, "of-the-dependency", {});
    write(project, "of-the-project", { "of-the-dependency": `file:${dependency}` });
    if (hasNpmrc) copyFileSync(".npmrc", join(project, ".npmrc"));
    // What this machine says otherwise, or the npm that has started the tests, is not asked.
    const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
    const env = { ...Object.fromEntries(own), npm_config_userconfig: join(folder, "none") };
    const words = ["install", "--offline", "--no-audit", "--install-links"];
    execFileSync("npm", words, { cwd: project, env, stdio: "pipe" });
    expect(existsSync(join(project, "node_modules/of-the-dependency"))).toBe(true);
    const all = ["of-the-dependency", "of-the-project"];
    expect(all.filter((name) => existsSync(join(folder, name)))).toEqual(ran);
  });
});

describe("what tells people to install packages", () => {
  const commands = TELLING.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(INSTALLING)].map(([command]) => ({ file, command })),
  );

  it("says --ignore-scripts, or is for a checkout, whose .npmrc says it", () => {
    expect(commands.filter(({ command }) => command.includes("--global")).length).toBeGreaterThan(
      1,
    );
    const unbridled = commands.filter(
      ({ command }) => !command.startsWith("npm ci") && !command.includes("--ignore-scripts"),
    );
    expect(unbridled).toEqual([]);
  });
});
