/**
 * Makes a .deb of a tree: control files, maintainer scripts, checksums, and dpkg-deb.
 *
 * dpkg-deb takes the time from SOURCE_DATE_EPOCH, sorts what it packs, and says that all of it is
 * root's, whoever builds. Level 1 of xz, because more takes minutes for a fifth of the size.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FileTree } from "../file-tree.ts";
import { runTool } from "../run-tool.ts";
import { type ControlValues, fillControl, installedKib } from "./control-files.ts";
import { CONFFILE } from "./package-tree.ts";

const MAINTAINER_SCRIPTS = ["postinst", "prerm", "postrm"];

export interface DebParts extends Omit<ControlValues, "installedKib"> {
  /** The checkout. */
  readonly root: string;
  readonly epochSeconds: number;
  /** Where the .deb goes. */
  readonly outDirectory: string;
  /** As dpkg-deb -Z: "xz", or "none", which is quick. */
  readonly compression: "xz" | "none";
}

/** @returns the path of the .deb. */
export function buildPackage(tree: FileTree, parts: DebParts): string {
  const { root, version, architecture, epochSeconds, compression } = parts;
  const files = tree.list();
  const control = new FileTree(join(tree.root, "DEBIAN"));
  const template = readFileSync(join(root, "packaging/debian/control.in"), "utf8");
  const values = { version, architecture, installedKib: installedKib(files) };
  control.write("control", fillControl(template, values));
  control.write("conffiles", `${CONFFILE}\n`);
  const packed = files.filter(({ kind }) => kind === "file").map(({ path }) => path);
  control.write("md5sums", packed.map((path) => checksumLine(tree.root, path)).join(""));
  for (const name of MAINTAINER_SCRIPTS) {
    control.copy(join(root, "packaging/debian", name), name, true);
  }
  tree.settle(epochSeconds);

  mkdirSync(parts.outDirectory, { recursive: true });
  const target = join(parts.outDirectory, `vedette_${version}_${architecture}.deb`);
  const options = ["--root-owner-group", `-Z${compression}`, "-z1"];
  runTool("dpkg-deb", [...options, "--build", tree.root, target], {
    cwd: root,
    env: { SOURCE_DATE_EPOCH: `${epochSeconds}` },
  });
  return target;
}

/** One line as `dpkg --verify` reads it; dpkg itself keeps those of configuration files. */
function checksumLine(root: string, path: string): string {
  if (`/${path}` === CONFFILE) return "";
  const digest = createHash("md5")
    .update(readFileSync(join(root, path)))
    .digest("hex");
  return `${digest}  ${path}\n`;
}
