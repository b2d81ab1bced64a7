/**
 * How the dashboard is built: one page, one script, one stylesheet, one font, all served by the guard.
 *
 * Nothing is put into the page itself, because its policy lets nothing run that is no file of ours.
 * Files are named for their content, so that browsers may keep them.
 */
import { join, resolve } from "node:path";
import { defineConfig } from "vite";

// Whoever tests has another, and would get a page for development.
process.env["NODE_ENV"] = "production";

const ROOT = resolve(import.meta.dirname, "../..");

export default defineConfig({
  root: join(ROOT, "src/dashboard"),
  base: "/",
  publicDir: false,
  logLevel: "warn",
  build: {
    outDir: join(ROOT, "dist/dashboard"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
