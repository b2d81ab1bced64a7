/** Writes docs/LICENCES.md anew from package-lock.json. */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describeLicences } from "../packaging/licences.ts";
import { bundledPackages, productionPackages, readLockEntries } from "../packaging/lock-file.ts";

const root = resolve(import.meta.dirname, "..");
const entries = readLockEntries(root);
const text = describeLicences(productionPackages(entries, undefined), bundledPackages(entries));
writeFileSync(join(root, "docs/LICENCES.md"), text);
