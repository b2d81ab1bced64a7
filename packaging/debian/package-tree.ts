/**
 * Lays out what the Debian package installs.
 *
 * The program lies in one directory of its own, with Node and the npm packages beside it, as
 * `bin/vedette` expects them. The rest are names that lead there, and what Debian's policy asks for.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isCarried, nativeFiles } from "../carried-files.ts";
import { type CarriedWork, describeCopyright } from "../copyright.ts";
import { FileTree, listFiles } from "../file-tree.ts";
import { bundledPackages, type Cpu, type LockedPackage, readLockEntries } from "../lock-file.ts";
import { putProgram } from "../program.ts";
import { describeDebianChangelog } from "./control-files.ts";

/** Where the program lies. */
export const PROGRAM_DIRECTORY = "usr/lib/vedette";
const DOCUMENTS = "usr/share/doc/vedette";

/** Commands, and what they lead to; the last two are where Debian's portsentry has them. */
const COMMANDS: Readonly<Record<string, string>> = {
  "usr/bin/vedette": "../lib/vedette/bin/vedette",
  "usr/sbin/portsentry": "../lib/vedette/bin/portsentry",
  "usr/sbin/portsentry-add-ip": "../lib/vedette/bin/portsentry-add-ip",
  "usr/sbin/portsentry-rm-ip": "../lib/vedette/bin/portsentry-rm-ip",
  "usr/lib/portsentry/portsentry-add-ip": "../vedette/bin/portsentry-add-ip",
  "usr/lib/portsentry/portsentry-rm-ip": "../vedette/bin/portsentry-rm-ip",
};

/** Folders of the checkout that are installed as they are, where they exist. */
const FOLDERS: Readonly<Record<string, string>> = {
  "packaging/systemd": "usr/lib/systemd/system",
  "packaging/bash-completion": "usr/share/bash-completion/completions",
  "packaging/zsh-completion": "usr/share/zsh/vendor-completions",
  "packaging/fish-completion": "usr/share/fish/vendor_completions.d",
};

const MANUALS = "man";
const MANUAL_PAGE = /^[a-z.-]+\.(?<section>[1-8])$/;

/** The configuration file that dpkg never overwrites when somebody has changed it. */
export const CONFFILE = "/etc/vedette/vedette.conf";

export interface TreeParts {
  /** The checkout. */
  readonly root: string;
  readonly cpu: Cpu;
  /** Of the package: "0.1.0-1". */
  readonly version: string;
  readonly epochSeconds: number;
  /** Where the compiled program lies. */
  readonly compiled: string;
  /** The node_modules of this processor. */
  readonly modules: string;
  readonly packages: readonly LockedPackage[];
  readonly sbom: string;
}

/** Lays everything out below `directory`, which is new. */
export function layOutPackage(directory: string, parts: TreeParts): FileTree {
  const { root, epochSeconds } = parts;
  const tree = new FileTree(directory);
  putProgram(tree, PROGRAM_DIRECTORY, root, parts.compiled);
  putModules(tree, parts);
  for (const [path, target] of Object.entries(COMMANDS)) tree.link(path, target);
  for (const [from, to] of Object.entries(FOLDERS)) putFolder(tree, join(root, from), to);
  putManuals(tree, join(root, MANUALS));
  tree.copy(join(root, "examples/vedette.conf"), CONFFILE.slice(1));
  putDocuments(tree, parts);
  tree.copy(
    join(root, "packaging/debian/lintian-overrides"),
    "usr/share/lintian/overrides/vedette",
  );
  tree.settle(epochSeconds);
  return tree;
}

function putModules(tree: FileTree, { modules, cpu }: TreeParts): void {
  const [node] = nativeFiles(cpu);
  const carried = listFiles(modules).filter((path) => isCarried(path, cpu));
  for (const native of nativeFiles(cpu)) {
    if (!carried.includes(native)) throw new Error(`npm has not installed ${native}`);
  }
  for (const path of carried) {
    tree.copy(join(modules, path), join(PROGRAM_DIRECTORY, "node_modules", path), path === node);
  }
}

function putFolder(tree: FileTree, from: string, to: string): void {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from).sort()) tree.copy(join(from, name), join(to, name));
}

function putManuals(tree: FileTree, from: string): void {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from).sort()) {
    const section = MANUAL_PAGE.exec(name)?.groups?.["section"];
    if (section === undefined) continue;
    tree.writeGzipped(`usr/share/man/man${section}/${name}.gz`, readFileSync(join(from, name)));
  }
}

function putDocuments(tree: FileTree, parts: TreeParts): void {
  const { root } = parts;
  for (const name of ["README.md", "SECURITY.md"]) {
    tree.copy(join(root, name), join(DOCUMENTS, name));
  }
  for (const path of listFiles(join(root, "docs"))) {
    if (/\.(?:md|nft)$/.test(path))
      tree.copy(join(root, "docs", path), join(DOCUMENTS, "docs", path));
  }
  putFolder(tree, join(root, "examples"), join(DOCUMENTS, "examples"));
  tree.write(join(DOCUMENTS, "vedette.cdx.json"), parts.sbom);
  tree.write(join(DOCUMENTS, "copyright"), describeCopyright(describeWorks(parts)));
  tree.writeGzipped(join(DOCUMENTS, "changelog.gz"), readFileSync(join(root, "CHANGELOG.md")));
  const changelog = describeDebianChangelog(parts.version, parts.epochSeconds);
  tree.writeGzipped(join(DOCUMENTS, "changelog.Debian.gz"), changelog);
}

function describeWorks({ root, packages, modules }: TreeParts): CarriedWork[] {
  const carried = packages.map(({ name, version, path }) => ({
    name,
    version,
    files: [`${PROGRAM_DIRECTORY}/${path}/*`],
    licenseText: readLicense(modules, name),
  }));
  const bundled = bundledPackages(readLockEntries(root)).map(({ name, version }) => ({
    name,
    version,
    files: [`${PROGRAM_DIRECTORY}/dist/dashboard/assets/*`],
    licenseText: readLicense(join(root, "node_modules"), name),
  }));
  return [...carried, ...bundled];
}

/** koffi's binaries come in packages without a licence text: they are under koffi's own. */
function readLicense(modules: string, name: string): string {
  const owner = name.startsWith("@koromix/koffi-") ? "koffi" : name;
  const found = readdirSync(join(modules, owner)).find((file) => /^licen[cs]e(\.|$)/i.test(file));
  if (found === undefined) throw new Error(`${name} ${owner} has no licence text`);
  return readFileSync(join(modules, owner, found), "utf8");
}
