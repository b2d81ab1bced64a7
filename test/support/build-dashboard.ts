/** Builds the dashboard before live tests, where its sources are newer than what was built. */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { NODE, PROJECT } from "./programs.ts";

const BUILT = join(PROJECT, "dist/dashboard/index.html");

export default function buildDashboard(): void {
  const sources = globSync("src/dashboard/**/*.*", { cwd: PROJECT });
  const newestMs = Math.max(...sources.map((path) => statSync(join(PROJECT, path)).mtimeMs));
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs > newestMs) return;
  const vite = join(PROJECT, "node_modules/vite/bin/vite.js");
  const config = join(PROJECT, "packaging/dashboard/vite.config.ts");
  execFileSync(NODE, [vite, "build", "--config", config], { cwd: PROJECT, stdio: "inherit" });
}
