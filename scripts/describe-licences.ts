/** Writes docs/LICENCES.md anew from package-lock.json. */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describeLicences } from "../packaging/licences.ts";
import { productionPackages, readLockEntries } from "../packaging/lock-file.ts";

const root = resolve(import.meta.dirname, "..");
const packages = productionPackages(readLockEntries(root), undefined);
writeFileSync(join(root, "docs/LICENCES.md"), describeLicences(packages));
